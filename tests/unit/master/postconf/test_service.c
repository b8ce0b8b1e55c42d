/* SPDX-License-Identifier: MIT */
/* Lines of master.cf: how they are shown, found and changed. */
#include "lib/param/host.h"

#include "../../unit.h"
#include "master/postconf/catalogue.h"
#include "master/postconf/edit_service.h"
#include "master/postconf/service_show.h"

#define COLUMNS "      unix  -       n       n       -       -       "

static const struct {
	const char *text;
	bool is_folded;
	const char *shown;
} lines[] = {
    {"smtp inet n - y - - smtpd", false,
	"smtp       inet  n       -       y       -       -       smtpd\n"},
    {"127.0.0.1:submission inet n - y - - smtpd -v -o a=b", false,
	"127.0.0.1:submission inet n -    y       -       -       smtpd -v "
	"-o a=b\n"},
    {"postlog unix-dgram n - n - 1 postlogd", false,
	"postlog    unix-dgram n  -       n       -       1       postlogd\n"},
    {"abcde unix - n n - - smtp -o { a = b  c } -oD={x y} -o e=", false,
	"abcde" COLUMNS "smtp -o {a=b  c} -o {D={x y}} -o e=\n"},
    {"abcde unix - n n - - smtp -v -o a=b -v -o c=d e f", true,
	"abcde" COLUMNS "smtp -v\n    -o a=b\n    -v\n    -o c=d\n    e f\n"},
    {"abcde unix - n n - - pipe flags=DRhu user=vmail:vmail argv=/bin/deliver "
     "{ a b } -o x=y",
	true,
	"abcde" COLUMNS "pipe flags=DRhu\n"
	"    user=vmail:vmail argv=/bin/deliver {a b} -o x=y\n"},
};

static void
test_line(void **state UNUSED)
{
	struct service_line line;
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		buf_clear(&out);
		assert_true(
		    service_line_split(span_text(lines[i].text), &line));
		service_line_append(&line, NULL, lines[i].is_folded, &out);
		assert_span(buf_span(&out), lines[i].shown);
	}
	assert_false(service_line_split(SPAN("a unix - - n - -"), &line));
	buf_finish(&out);
}

static const struct {
	const char *text;
	unsigned parts;
	bool is_good;
	const char *name, *type, *part;
} patterns[] = {
    {"smtp", 2, true, "smtp", "", ""},
    {"smtp/inet", 2, true, "smtp", "inet", ""},
    {"*/unix", 2, true, "", "unix", ""},
    {"[::1]:25/inet/chroot", 3, true, "[::1]:25", "inet", "chroot"},
    {"smtp/inet/a", 2, false, "", "", ""},
    {"smtp/", 2, false, "", "", ""},
    {"", 2, false, "", "", ""},
    {"a/b/c/d", 3, false, "", "", ""},
};

static void
test_pattern(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(patterns); i++) {
		struct service_pattern pattern;

		assert_int_equal(
		    service_pattern_parse(span_text(patterns[i].text),
			patterns[i].parts, &pattern),
		    patterns[i].is_good);
		if (!patterns[i].is_good)
			continue;
		assert_span(pattern.name, patterns[i].name);
		assert_span(pattern.type, patterns[i].type);
		assert_span(pattern.part, patterns[i].part);
	}
}

#define MASTER_CF                     \
	"# head\n"                    \
	"smtp inet n - y - - smtpd\n" \
	"  # inside\n"                \
	"  -o a=$mydomain\n"          \
	"  -o b=2\n"                  \
	"\n"                          \
	"slow unix - - n - - smtp -o a=1\n"

#define SMTP "smtp       inet  n       -       y       -       -       smtpd\n"

static const struct {
	enum edit_target target;
	enum edit_kind kind;
	const char *request;
	const char *changed; /* NULL: the error is `error` */
	const char *error;
} edits[] = {
    {EDIT_TARGET_LINE, EDIT_KIND_REMOVE, "smtp/inet",
	"# head\n  # inside\n\nslow unix - - n - - smtp -o a=1\n", NULL},
    {EDIT_TARGET_LINE, EDIT_KIND_COMMENT, "smtp",
	"# head\n#smtp inet n - y - - smtpd\n  # inside\n#  -o a=$mydomain\n"
	"#  -o b=2\n\nslow unix - - n - - smtp -o a=1\n",
	NULL},
    {EDIT_TARGET_LINE, EDIT_KIND_REMOVE, "smtp/unix", MASTER_CF, NULL},
    {EDIT_TARGET_LINE, EDIT_KIND_SET, "slow/unix=slow unix - - y - 2 lmtp",
	"# head\nsmtp inet n - y - - smtpd\n  # inside\n  -o a=$mydomain\n"
	"  -o b=2\n\n"
	"slow       unix  -       -       y       -       2       lmtp\n",
	NULL},
    {EDIT_TARGET_LINE, EDIT_KIND_SET, "new/unix=new unix - - y - 2 lmtp -o a=b",
	MASTER_CF
	"new        unix  -       -       y       -       2       lmtp\n"
	"    -o a=b\n",
	NULL},
    {EDIT_TARGET_FIELD, EDIT_KIND_SET, "*/unix/chroot=y",
	"# head\nsmtp inet n - y - - smtpd\n  # inside\n  -o a=$mydomain\n"
	"  -o b=2\n\n"
	"slow       unix  -       -       y       -       -       smtp\n"
	"    -o a=1\n",
	NULL},
    {EDIT_TARGET_FIELD, EDIT_KIND_SET, "smtp/inet/command=smtpd -o c={d e}",
	"# head\n" SMTP
	"    -o {c={d e}}\n  # inside\n\nslow unix - - n - - smtp -o a=1\n",
	NULL},
    {EDIT_TARGET_PARAMETER, EDIT_KIND_SET, "smtp/inet/b=x y",
	"# head\n" SMTP "    -o a=$mydomain\n    -o {b=x y}\n  # inside\n\n"
	"slow unix - - n - - smtp -o a=1\n",
	NULL},
    {EDIT_TARGET_PARAMETER, EDIT_KIND_SET, "smtp/inet/n=1",
	"# head\n" SMTP
	"    -o a=$mydomain\n    -o b=2\n    -o n=1\n  # inside\n\n"
	"slow unix - - n - - smtp -o a=1\n",
	NULL},
    {EDIT_TARGET_PARAMETER, EDIT_KIND_REMOVE, "*/*/a",
	"# head\n" SMTP "    -o b=2\n  # inside\n\n"
	"slow       unix  -       -       n       -       -       smtp\n",
	NULL},
    {EDIT_TARGET_LINE, EDIT_KIND_SET, "smtp/inet=x", NULL,
	"smtp/inet=x: the new line, line 1: expected 8 columns (service type "
	"private unpriv chroot wakeup maxproc command), found 1"},
    {EDIT_TARGET_FIELD, EDIT_KIND_SET, "slow/unix/chroot=maybe", NULL,
	"slow/unix/chroot=maybe: the new line, line 1: chroot = maybe: "
	"expected y, n or -"},
    {EDIT_TARGET_FIELD, EDIT_KIND_SET, "slow/unix/wings=2", NULL,
	"there is no field \"wings\"; expected service, type, private, "
	"unprivileged, chroot, wakeup, process_limit or command"},
    {EDIT_TARGET_LINE, EDIT_KIND_SET, "slow/unix", NULL,
	"expected service/type=value, found \"slow/unix\""},
    {EDIT_TARGET_LINE, EDIT_KIND_SET, "slow=a b", NULL,
	"expected service/type=value, found \"slow=a b\""},
    {EDIT_TARGET_PARAMETER, EDIT_KIND_REMOVE, "slow/unix", NULL,
	"expected service/type/parameter, found \"slow/unix\""},
};

static void
test_edit(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(edits); i++) {
		struct edit_service edit;
		struct error error;
		struct buf out;
		bool good;

		buf_init(&out, 4096);
		good = edit_service_parse(edits[i].target, edits[i].kind,
			   edits[i].request, &edit, &error) &&
		    edit_service_apply(SPAN(MASTER_CF), &edit, 1, &out, &error);
		assert_int_equal(good, edits[i].changed != NULL);
		if (good)
			assert_span(buf_span(&out), edits[i].changed);
		else
			assert_string_equal(error.text, edits[i].error);
		buf_finish(&out);
	}
}

static void
test_two_edits(void **state UNUSED)
{
	struct edit_service both[3];
	struct error error;
	struct buf out;

	assert_true(edit_service_parse(EDIT_TARGET_PARAMETER, EDIT_KIND_SET,
	    "slow/unix/b=2", &both[0], &error));
	assert_true(edit_service_parse(EDIT_TARGET_PARAMETER, EDIT_KIND_SET,
	    "slow/unix/a=3", &both[1], &error));
	assert_true(edit_service_parse(EDIT_TARGET_PARAMETER, EDIT_KIND_SET,
	    "slow/unix/c=4", &both[2], &error));
	buf_init(&out, 4096);
	assert_true(edit_service_apply(
	    SPAN("slow unix - - n - - smtp -o a=1"), both, 3, &out, &error));
	assert_span(buf_span(&out),
	    "slow       unix  -       -       n       -       -       smtp\n"
	    "    -o a=3\n    -o b=2\n    -o c=4\n");
	assert_true(both[2].has_matched);
	buf_finish(&out);
}

struct fixture {
	struct pool *pool;
	struct master_cf master_cf;
	struct param_source source;
	struct warnings warnings;
	struct buf out;
	struct output output;
	struct service_show show;
};

static void
fixture_open(struct fixture *fixture)
{
	struct config *config;

	*fixture = (struct fixture){
	    .pool = pool_create(NULL, "test", POOL_NO_MAXIMUM)};
	config = config_create(fixture->pool);
	assert_true(config_parse(config, "main.cf",
	    SPAN("mydomain = example.com\nmyhostname = mx.$mydomain\n"), NULL,
	    NULL));
	assert_true(master_cf_parse(fixture->pool, "master.cf",
	    SPAN("a unix - - n - 3 smtp -o x=$service_name -o mydomain=b.net\n"
		 " -o b=$myhostname -o x=$$y  argv=$myhostname\n"),
	    &fixture->master_cf, NULL, NULL));
	buf_init(&fixture->out, 4096);
	warnings_init(&fixture->warnings);
	fixture->output.out = &fixture->out;
	fixture->source = (struct param_source){
	    .config = config,
	    .sets = catalogue_sets(),
	    .host = &host_system,
	};
	fixture->show = (struct service_show){
	    .master_cf = &fixture->master_cf,
	    .output = &fixture->output,
	    .warnings = &fixture->warnings,
	};
}

static void
test_show(void **state UNUSED)
{
	struct service_pattern pattern;
	struct fixture fixture;

	fixture_open(&fixture);
	assert_true(service_pattern_parse(SPAN("a/unix"), 3, &pattern));
	assert_true(service_show_parameters(&fixture.show, &pattern));
	assert_span(buf_span(&fixture.out),
	    "a/unix/b = $myhostname\n"
	    "a/unix/mydomain = b.net\n"
	    "a/unix/x = $$y\n");
	buf_clear(&fixture.out);
	fixture.show.source = &fixture.source;
	assert_true(service_show_lines(&fixture.show, &pattern));
	assert_span(buf_span(&fixture.out),
	    "a          unix  -       -       n       -       3       smtp "
	    "-o x=a -o mydomain=b.net -o b=mx.b.net -o x=$y "
	    "argv=$myhostname\n");
	buf_clear(&fixture.out);
	assert_true(
	    service_pattern_parse(SPAN("a/unix/process_limit"), 3, &pattern));
	assert_true(service_show_fields(&fixture.show, &pattern));
	assert_span(buf_span(&fixture.out), "a/unix/process_limit = 3\n");
	assert_true(service_pattern_parse(SPAN("a/inet"), 3, &pattern));
	assert_false(service_show_fields(&fixture.show, &pattern));
	buf_finish(&fixture.out);
	warnings_finish(&fixture.warnings);
	pool_destroy(fixture.pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_line),
	    cmocka_unit_test(test_pattern),
	    cmocka_unit_test(test_edit),
	    cmocka_unit_test(test_two_edits),
	    cmocka_unit_test(test_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
