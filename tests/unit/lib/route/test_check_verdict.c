/* SPDX-License-Identifier: MIT */
#include "lib/route/content_checks.h"

#include "../../unit.h"

static const struct {
	const char *value;
	enum check_action action;
	const char *text;
} cases[] = {
    {"REJECT", CHECK_REJECT, ""},
    {"reject 5.7.1  go away ", CHECK_REJECT, "5.7.1  go away"},
    {"DISCARD x", CHECK_DISCARD, "x"},
    {"HOLD", CHECK_HOLD, ""},
    {"REDIRECT a@b", CHECK_REDIRECT, "a@b"},
    {"BCC a@b", CHECK_BCC, "a@b"},
    {"FILTER smtp:[h]:25", CHECK_FILTER, "smtp:[h]:25"},
    {"PREPEND X-A: b", CHECK_PREPEND, "X-A: b"},
    {"REPLACE\tX-A: b", CHECK_REPLACE, "X-A: b"},
    {"IGNORE", CHECK_IGNORE, ""},
    {"STRIP why", CHECK_STRIP, "why"},
    {"WARN", CHECK_WARN, ""},
    {"INFO", CHECK_INFO, ""},
    {"PASS", CHECK_PASS, ""},
    {"DUNNO", CHECK_DUNNO, ""},
    {"OK", CHECK_DUNNO, ""},
    {"", CHECK_UNKNOWN, ""},
    {"REJECTED it", CHECK_UNKNOWN, "REJECTED it"},
    {"550 no", CHECK_UNKNOWN, "550 no"},
};

static void
test_parse(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct check_verdict verdict =
		    check_verdict_parse(span_text(cases[i].value));

		assert_int_equal(verdict.action, cases[i].action);
		assert_span(verdict.text, cases[i].text);
		assert_non_null(check_verdict_word(verdict.action));
	}
}

static void
test_kinds(void **state UNUSED)
{
	assert_int_equal(
	    content_checks_kind(CHECK_HEADER, SPAN("Subject")), CHECK_HEADER);
	assert_int_equal(
	    content_checks_kind(CHECK_HEADER, SPAN("content-TYPE")),
	    CHECK_MIME_HEADER);
	assert_int_equal(
	    content_checks_kind(CHECK_NESTED_HEADER, SPAN("MIME-Version")),
	    CHECK_MIME_HEADER);
	assert_int_equal(
	    content_checks_kind(CHECK_NESTED_HEADER, SPAN("Content-Length")),
	    CHECK_NESTED_HEADER);
}

static void
test_find(void **state UNUSED)
{
	const struct content_checks_source source = {
	    .names = {"a", "b", "c", "d"},
	    .texts = {"inline:{{x=WARN y}}", "", "fail:x", "nosuchtype:x"}};
	struct content_checks_source good = source;
	struct content_checks checks;
	struct check_verdict verdict;
	struct error error;
	struct buf value;

	assert_false(content_checks_open(&checks, &source, &error));
	assert_true(span_starts(span_text(error.text), SPAN("d: ")));
	good.texts[CHECK_BODY] = "";
	buf_init(&value, 100);
	assert_true(content_checks_open(&checks, &good, &error));
	assert_true(content_checks_have(&checks, CHECK_HEADER));
	assert_false(content_checks_have(&checks, CHECK_MIME_HEADER));
	assert_true(content_checks_find(
	    &checks, CHECK_HEADER, SPAN("x"), &value, &verdict, &error));
	assert_int_equal(verdict.action, CHECK_WARN);
	assert_span(verdict.text, "y");
	assert_true(content_checks_find(
	    &checks, CHECK_HEADER, SPAN("z"), &value, &verdict, &error));
	assert_int_equal(verdict.action, CHECK_DUNNO);
	assert_false(content_checks_find(
	    &checks, CHECK_NESTED_HEADER, SPAN("z"), &value, &verdict, &error));
	assert_false(content_checks_have_changed(&checks, NULL));
	content_checks_close(&checks);
	buf_finish(&value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
