/* SPDX-License-Identifier: MIT */
#include "lib/param/host.h"

#include "../../unit.h"
#include "master/postconf/catalogue.h"
#include "master/postern/difference.h"

struct side {
	struct param_source source;
	struct master_cf master_cf;
	struct reading reading;
};

static void
side_open(struct side *side, struct pool *pool, const char *main_cf,
    const char *master_cf)
{
	struct config *config = config_create(pool);

	assert_true(
	    config_parse(config, "main.cf", span_text(main_cf), NULL, NULL));
	assert_true(master_cf_parse(pool, "master.cf", span_text(master_cf),
	    &side->master_cf, NULL, NULL));
	side->source = (struct param_source){
	    .config = config,
	    .sets = catalogue_sets(),
	    .host = &host_system,
	};
	side->reading = (struct reading){&side->source, &side->master_cf};
}

#define NAMES "myhostname = a.b\nmydomain = b\n"

static const struct {
	const char *main_cf[2];
	const char *master_cf[2];
	const char *text; /* empty: nothing changes */
} cases[] = {
    {{NAMES, NAMES "# a comment\n"}, {"", ""}, ""},
    {{NAMES, NAMES "mydomain = $mydomains\nmydomains = b\n"}, {"", ""},
	"mydomains: \"\" -> \"b\"\n"},
    {{NAMES "relayhost = x\n", NAMES}, {"", ""},
	"relayhost: \"x\" -> \"\" (common)\n"},
    /* A default is made of it. */
    {{NAMES "2bounce_notice_recipient = $mydomain\n",
	 "myhostname = a.b\nmydomain = c\n2bounce_notice_recipient = "
	 "$mydomain\nmydestination = x\n"},
	{"", ""},
	"2bounce_notice_recipient: \"b\" -> \"c\"\n"
	"mydestination: \"a.b, localhost.b, localhost\" -> \"x\" (common)\n"
	"mydomain: \"b\" -> \"c\" (common)\n"
	"relay_domains: \"a.b, localhost.b, localhost\" -> \"x\" "
	"(common)\n"},
    {{NAMES, NAMES},
	{"a unix - - n - - smtp -o x=1\nb unix - - n - - smtp\n",
	    "# moved\n"
	    "a  unix -  -  n - - smtp -o { x = 1 }\nc unix - - n - - smtp\n"},
	"- b          unix  -       -       n       -       -       smtp\n"
	"+ c          unix  -       -       n       -       -       smtp\n"},
    {{NAMES, NAMES}, {"a unix - - n - - smtp\n", "a unix - - n - 9 smtp\n"},
	"- a          unix  -       -       n       -       -       smtp\n"
	"+ a          unix  -       -       n       -       9       smtp\n"},
};

static void
test_append(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
		struct side sides[2];
		struct buf out;

		for (size_t k = 0; k < 2; k++)
			side_open(&sides[k], pool, cases[i].main_cf[k],
			    cases[i].master_cf[k]);
		buf_init(&out, 65536);
		assert_int_equal(difference_append(&sides[0].reading,
				     &sides[1].reading, &out),
		    cases[i].text[0] != '\0');
		assert_span(buf_span(&out), cases[i].text);
		buf_finish(&out);
		pool_destroy(pool);
	}
}

static void
test_restarts(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	struct side side;
	struct buf out;

	side_open(&side, pool, NAMES, "smtp inet n - n - - smtpd\n");
	buf_init(&out, 4096);
	difference_append_restarts(&side.master_cf, false, &out);
	assert_true(span_starts(
	    buf_span(&out), SPAN("get new processes: smtpd pickup showq ")));
	assert_true(span_find_span(buf_span(&out),
			SPAN("\nkeep their processes: qmgr dns")) < out.len);
	assert_true(span_find_span(buf_span(&out), SPAN("lmtp")) == out.len);
	buf_finish(&out);
	pool_destroy(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_append),
	    cmocka_unit_test(test_restarts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
