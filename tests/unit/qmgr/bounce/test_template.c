/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "qmgr/bounce/template.h"

static bool
find(void *argument UNUSED, struct span name, struct span *value)
{
	static const struct {
		const char *name;
		const char *value;
	} known[] = {
	    {"myhostname", "mx.example.org"},
	    {"maximal_queue_lifetime_days", "5"},
	};

	for (size_t i = 0; i < COUNT_OF(known); i++) {
		if (span_equal(name, span_text(known[i].name))) {
			*value = span_text(known[i].value);
			return true;
		}
	}
	return false;
}

static const struct expand_names names = {.find = find};

static void
assert_expands(const struct template *template, const char *want)
{
	struct buf text;
	struct error error;

	buf_init(&text, TEMPLATE_TEXT_MAXIMUM);
	if (!template_expand(template, &names, &text, &error))
		fail_msg("%s", error.text);
	assert_span(buf_span(&text), want);
	buf_finish(&text);
}

static void
test_built_in(void **state UNUSED)
{
	for (size_t i = 0; i < TEMPLATE_COUNT; i++) {
		const struct template *template = &template_builtin.of[i];
		struct error error;
		struct buf text;

		buf_init(&text, TEMPLATE_TEXT_MAXIMUM);
		assert_true(template_expand(template, &names, &text, &error));
		assert_true(span_starts(buf_span(&text),
		    SPAN("This is the mail system at host mx.example.org.\r\n"
			 "\r\n")));
		assert_true(span_ends(buf_span(&text), SPAN(".\r\n")));
		assert_span(template->charset, "us-ascii");
		assert_true(template->subject.len > 0);
		assert_true(template->postmaster_subject.len > 0);
		buf_finish(&text);
	}
}

static const char whole_file[] = "# Words of example.org\n"
				 "\n"
				 "failure_template = <<EOF\n"
				 "Charset: utf-8\n"
				 "From: Poste <poste@example.net>\n"
				 "Subject: Non remis\n"
				 "Postmaster-Subject: Copie\n"
				 "\n"
				 "D\xc3\xa9sol\xc3\xa9 ($myhostname).\n"
				 "\n"
				 "Cela co\xc3\xbbte 5 $$.\n"
				 "EOF\n"
				 "delay_template=<< END OF IT\r\n"
				 "Wait ${maximal_queue_lifetime_days} days.\r\n"
				 "EOF\r\n"
				 "END OF IT\r\n"
				 "success_template = <<EOF\n"
				 "Subject: Here\n"
				 "EOF\n";

static void
test_file(void **state UNUSED)
{
	struct template_set set = template_builtin;
	const struct template *failure = &set.of[TEMPLATE_FAILURE];
	const struct template *delay = &set.of[TEMPLATE_DELAY];
	const struct template *success = &set.of[TEMPLATE_SUCCESS];
	struct error error;

	assert_true(template_parse(&set, span_text(whole_file), &error));
	assert_span(failure->charset, "utf-8");
	assert_span(failure->from, "Poste <poste@example.net>");
	assert_span(failure->subject, "Non remis");
	assert_span(failure->postmaster_subject, "Copie");
	assert_int_equal(failure->line, 9);
	assert_expands(failure,
	    "D\xc3\xa9sol\xc3\xa9 (mx.example.org).\r\n"
	    "\r\n"
	    "Cela co\xc3\xbbte 5 $.\r\n");
	assert_span(delay->subject, "Delayed Mail (still being retried)");
	assert_span(delay->charset, "us-ascii");
	assert_int_equal(delay->line, 14);
	assert_expands(delay, "Wait 5 days.\r\nEOF\r\n");
	assert_span(success->subject, "Here");
	assert_expands(success, "");
	assert_true(set.of[TEMPLATE_VERIFY].text.at ==
	    template_builtin.of[TEMPLATE_VERIFY].text.at);
}

#define TEN  "1234567890"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *file;
	const char *error;
} wrong[] = {
    {"# x\nhello\n", "line 2: expected failure_template = <<EOF: hello"},
    {"bounce_template = <<EOF\nEOF\n",
	"line 1: expected failure_template, delay_template, success_template "
	"or verify_template: bounce_template"},
    {"failure_template = EOF\n",
	"line 1: expected <<EOF behind: failure_template"},
    {"failure_template = <<\n",
	"line 1: expected <<EOF behind: failure_template"},
    {"\nfailure_template = <<EOF\n\ntext\n EOF\n",
	"line 2: the template has no end: EOF"},
    {"failure_template = <<EOF\nSubjct: x\n\nEOF\n",
	"line 2: expected Charset, From, Subject or Postmaster-Subject: "
	"Subjct"},
    {"failure_template = <<EOF\nSubject:\n\nEOF\n",
	"line 2: no value for: Subject"},
    {"failure_template = <<EOF\nSubject: \xc3\xa9\n\nEOF\n",
	"line 2: not ASCII (RFC 2047 has a form for such a header): Subject"},
    {"failure_template = <<EOF\nCharset: a b\n\nEOF\n",
	"line 2: no character set: a b"},
    {"failure_template = <<EOF\n\n\xc3\xa9\nEOF\n",
	"line 3: not ASCII, and no Charset says what it is"},
    {"failure_template = <<EOF\nCharset: utf-8\n\nok\n\xe9\nEOF\n",
	"line 5: not UTF-8"},
    {"failure_template = <<EOF\n\na\x01"
     "b\nEOF\n",
	"line 3: control character"},
    {"failure_template = <<EOF\nFrom: a\rb\n\nEOF\n",
	"line 2: control character"},
    {"failure_template = <<EOF\n\n" LONG LONG LONG LONG LONG LONG LONG LONG LONG
	    LONG "\nEOF\n",
	"line 3: line too long"},
};

/* A file with an error anywhere counts for nothing. */
static void
test_errors(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct template_set set = template_builtin;
		struct error error;

		assert_false(
		    template_parse(&set, span_text(wrong[i].file), &error));
		assert_string_equal(error.text, wrong[i].error);
		assert_memory_equal(&set, &template_builtin, sizeof set);
	}
}

static const struct {
	const char *text;
	const char *error;
} unexpandable[] = {
    {"fine\n$myhostnam\n", "line 8: there is no parameter \"myhostnam\""},
    {"fine\n\n${myhostname\n", "line 9: "},
};

static void
test_expansion_errors(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(unexpandable); i++) {
		struct template template = {
		    .text = span_text(unexpandable[i].text), .line = 7};
		struct error error;
		struct buf text;

		buf_init(&text, TEMPLATE_TEXT_MAXIMUM);
		assert_false(template_expand(&template, &names, &text, &error));
		assert_true(span_starts(
		    span_text(error.text), span_text(unexpandable[i].error)));
		buf_finish(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_built_in),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_expansion_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
