/* SPDX-License-Identifier: MIT */
#include "lib/tls/server_name.h"

#include "../../unit.h"

#define LABEL63 \
	"123456789012345678901234567890123456789012345678901234567890123"

static const struct {
	const char *text;
	const char *name; /* NULL = refused */
} names[] = {
    {"mx.example", "mx.example"},
    {"MX.Example", "mx.example"},
    {"a", "a"},
    {"_dmarc.a-b.example", "_dmarc.a-b.example"},
    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
    {LABEL63 ".example", LABEL63 ".example"},
    {"1" LABEL63 ".example", NULL},
    {LABEL63 "." LABEL63 "." LABEL63 "." LABEL63 ".", NULL},
    {"", NULL},
    {".", NULL},
    {".example", NULL},
    {"example.", NULL},
    {"a..b", NULL},
    {"-a.example", NULL},
    {"a-.example", NULL},
    {"a b.example", NULL},
    {"mx.example\\", NULL},
    {"../../etc/passwd", NULL},
    {"b\303\274cher.example", NULL},
    {"a\nb", NULL},
};

static void
test_names(void **state UNUSED)
{
	char text[SERVER_NAME_SIZE];
	struct span name;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		bool good =
		    server_name_parse(span_text(names[i].text), text, &name);

		assert_int_equal(good, names[i].name != NULL);
		if (!good)
			continue;
		assert_span(name, names[i].name);
		assert_string_equal(text, names[i].name);
	}
	assert_false(server_name_parse(span_of("a\0b", 3), text, &name));
}

static void
test_widening(void **state UNUSED)
{
	struct span name = SPAN("a.b.example");

	assert_true(server_name_widen(&name));
	assert_span(name, ".b.example");
	assert_true(server_name_widen(&name));
	assert_span(name, ".example");
	assert_false(server_name_widen(&name));
	name = SPAN("a");
	assert_false(server_name_widen(&name));
}

static const struct {
	struct span list;
	bool offers;
} offers[] = {
    {{"\4smtp", 5}, true},
    {{"\2h2\4smtp", 8}, true},
    {{"\4smtp\2h2", 8}, true},
    {{"\4smtp\4smtp", 10}, true},
    {{"", 0}, false},
    {{"\2h2\10http/1.1", 12}, false},
    {{"\4SMTP", 5}, false},
    {{"\5smtps", 6}, false},
    {{"\4smt", 4}, false},
    {{"\4smtp\5h", 7}, false},
    {{"\4smtp\0", 6}, false},
};

static void
test_offers(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(offers); i++) {
		struct span smtp = SPAN_EMPTY;

		assert_int_equal(server_name_offers_smtp(offers[i].list, &smtp),
		    offers[i].offers);
		if (offers[i].offers)
			assert_span(smtp, "smtp");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_widening),
	    cmocka_unit_test(test_offers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
