/* SPDX-License-Identifier: MIT */
#include "lib/param/logical_line.h"

#include "../../unit.h"

struct line {
	unsigned number;
	const char *text;
};

static const struct {
	const char *file;
	struct line lines[4]; /* ends with a NULL text */
} cases[] = {
    {"", {{0, NULL}}},
    {"\n\n", {{0, NULL}}},
    {"# only\n  # comments\n", {{0, NULL}}},
    {"a = b", {{1, "a = b"}}},
    {"a = b\n", {{1, "a = b"}}},
    {"a = b  \t\r\n", {{1, "a = b"}}},
    {"a\nb\n", {{1, "a"}, {2, "b"}}},
    {"\n# x\na\n\n b\nc\n", {{3, "a b"}, {6, "c"}}},
    {"a,\n# between\n\n\tb,\n  # x\n c\nd", {{1, "a,	b, c"}, {7, "d"}}},
    {"a\n   \n", {{1, "a"}}},
    {"a # no comment\n", {{1, "a # no comment"}}},
};

static void
test_lines(void **state UNUSED)
{
	struct logical_line_reader reader;
	struct error error;
	struct buf line;

	buf_init(&line, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		logical_line_start(&reader, "f", span_text(cases[i].file));
		for (const struct line *want = cases[i].lines;
		     want->text != NULL; want++) {
			assert_int_equal(
			    logical_line_next(&reader, &line, &error),
			    LOGICAL_LINE_TEXT);
			assert_string_equal(buf_text(&line), want->text);
			assert_int_equal(reader.number, want->number);
		}
		assert_int_equal(logical_line_next(&reader, &line, &error),
		    LOGICAL_LINE_END);
	}
	buf_finish(&line);
}

static const struct {
	const char *text;
	size_t len;
	const char *error;
} bad[] = {
    {"# x\n  a\n", 8,
	"f, line 2: white space at the beginning, but there is no line that "
	"this could continue"},
    {"a\0b\n", 4, "f, line 1: expected text, found a zero byte"},
    {"0123456789012345", 16, "f, line 1: too long"},
    {"\n0123456789\n 0123456789", 23, "f, line 2: too long"},
};

static void
test_bad_lines(void **state UNUSED)
{
	struct logical_line_reader reader;
	struct error error;
	struct buf line;

	buf_init(&line, 15);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		logical_line_start(
		    &reader, "f", span_of(bad[i].text, bad[i].len));
		assert_int_equal(logical_line_next(&reader, &line, &error),
		    LOGICAL_LINE_BAD);
		assert_string_equal(error.text, bad[i].error);
	}
	buf_finish(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_bad_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
