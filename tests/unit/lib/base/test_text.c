/* SPDX-License-Identifier: MIT */
#include "lib/base/text.h"

#include "../../unit.h"

static const struct {
	const char *text;
	bool utf8;
	bool ascii;
} encodings[] = {
    {"", true, true},
    {"plain", true, true},
    {"\x7f", true, true},
    {"\xc3\xa9", true, false},
    {"a\xe2\x82\xac", true, false},
    {"\xf0\x9f\x93\xa7", true, false},
    {"\xf4\x8f\xbf\xbf", true, false},
    {"\xf4\x90\x80\x80", false, false}, /* above U+10FFFF */
    {"\xed\x9f\xbf", true, false},
    {"\xed\xa0\x80", false, false}, /* surrogate */
    {"\xc0\x80", false, false},     /* overlong */
    {"\xc1\xbf", false, false},
    {"\xe0\x9f\xbf", false, false},
    {"\xf0\x8f\xbf\xbf", false, false},
    {"\x80", false, false},
    {"\xc3", false, false},
    {"\xe2\x82", false, false},
    {"\xe2\x28\xa1", false, false},
    {"\xf5\x80\x80\x80", false, false},
    {"\xff", false, false},
};

static void
test_encoding(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(encodings); i++) {
		struct span text = span_text(encodings[i].text);

		assert_int_equal(text_is_utf8(text), encodings[i].utf8);
		assert_int_equal(text_is_ascii(text), encodings[i].ascii);
	}
}

static const struct {
	const char *text;
	bool visible;
} visibles[] = {
    {"", true},
    {"a b~", true},
    {"a\tb", false},
    {"a\x7f", false},
    {"caf\xc3\xa9", true},
    {"caf\xe9", false},
    {"\xc2\x9f", false},
    {"\xc2\xa0", true},
    {"\xe2\x80\x8a", true},
    {"\xe2\x80\x8b", false},  /* zero width space */
    {"\xe2\x80\x90", true},   /* hyphen */
    {"a\xe2\x80\xae", false}, /* right-to-left override */
    {"\xe2\x81\xa6", false},  /* left-to-right isolate */
    {"\xef\xbb\xbf", false},  /* byte order mark */
    {"\xf0\x9f\x93\xa7", true},
};

static void
test_visible(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(visibles); i++)
		assert_int_equal(text_is_visible(span_text(visibles[i].text)),
		    visibles[i].visible);
}

static const struct {
	const char *text;
	const char *want;
} printables[] = {
    {"", ""},
    {"plain ~", "plain ~"},
    {"a\r\nb\tc\x1b[0m\x7f", "a??b?c?[0m?"},
    {"caf\xc3\xa9", "caf\xc3\xa9"},
    {"\xc2\x9b[0m", "??[0m"}, /* CSI in one character */
    {"\xc2\x80\xc2\x9f\xc2\xa0", "????\xc2\xa0"},
    {"\xc2", "?"},
    {"caf\xe9", "caf?"},
    {"\xc3\xa9\xff", "???"},
};

static void
test_printable(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(printables); i++) {
		struct buf out;

		buf_init(&out, 100);
		assert_true(
		    text_append_printable(&out, span_text(printables[i].text)));
		assert_span(buf_span(&out), printables[i].want);
		buf_finish(&out);
	}
}

static void
test_json(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 100);
	text_append_json(&out, SPAN("a\"b\\c\n\x7f \xc3\xa9"));
	assert_span(buf_span(&out), "\"a\\\"b\\\\c\\u000a\\u007f \xc3\xa9\"");
	buf_clear(&out);
	text_append_json(&out, SPAN("\xc2\x9b \xc2\xa0"));
	assert_span(buf_span(&out), "\"\\u009b \xc2\xa0\"");
	buf_clear(&out);
	text_append_json(&out, SPAN("\xc3\xa9\xff"));
	assert_span(buf_span(&out), "\"???\"");
	buf_finish(&out);
}

static void
test_fold(void **state UNUSED)
{
	char text[] = "AZaz@[`{09\xc9";

	text_fold(text, strlen(text));
	assert_string_equal(text, "azaz@[`{09\xc9");
}

/* Which of the classes "dlasp" (digit, letter, alphanumeric, space, printable)
 * a byte belongs to. */
static const struct {
	char byte;
	const char *classes;
} bytes[] = {
    {'0', "dap"},
    {'9', "dap"},
    {'/', "p"},
    {':', "p"},
    {'A', "lap"},
    {'Z', "lap"},
    {'@', "p"},
    {'[', "p"},
    {'a', "lap"},
    {'z', "lap"},
    {'`', "p"},
    {'{', "p"},
    {' ', "sp"},
    {'\t', "s"},
    {'\n', "s"},
    {'\r', "s"},
    {'\v', ""},
    {'\0', ""},
    {'~', "p"},
    {'\x7f', ""},
    {(char)0xe9, ""},
};

static void
test_classes(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(bytes); i++) {
		const char *classes = bytes[i].classes;
		char byte = bytes[i].byte;

		assert_int_equal(
		    text_is_digit(byte), strchr(classes, 'd') != NULL);
		assert_int_equal(
		    text_is_letter(byte), strchr(classes, 'l') != NULL);
		assert_int_equal(
		    text_is_alphanumeric(byte), strchr(classes, 'a') != NULL);
		assert_int_equal(
		    text_is_space(byte), strchr(classes, 's') != NULL);
		assert_int_equal(
		    text_is_printable(byte), strchr(classes, 'p') != NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_encoding),
	    cmocka_unit_test(test_visible),
	    cmocka_unit_test(test_printable),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_fold),
	    cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
