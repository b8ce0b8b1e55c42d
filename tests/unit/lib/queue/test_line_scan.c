/* SPDX-License-Identifier: MIT */
#include "lib/queue/line_scan.h"

#include "../../unit.h"

static const struct {
	const char *text;
	uint32_t flags;
	uint32_t longest_line;
} cases[] = {
    {"", PART_FINAL_CRLF, 0},
    {"\r\n", PART_FINAL_CRLF, 0},
    {"abc\r\n", PART_FINAL_CRLF, 3},
    {"abc", 0, 3},
    {"abc\r", 0, 3},
    {"abc\n", 0, 3},
    {"ab\r\nabcd\r\n\r\n", PART_FINAL_CRLF, 4},
    {".\r\n", PART_FINAL_CRLF | PART_LEADING_DOT, 1},
    {"a\r\n.b\r\n", PART_FINAL_CRLF | PART_LEADING_DOT, 2},
    {"a.\r\n", PART_FINAL_CRLF, 2},
    {"a\n.b\r\n", PART_FINAL_CRLF | PART_LEADING_DOT, 2},
    {"0123456789\xc3\xa4\r\n", PART_FINAL_CRLF | PART_8BIT, 12},
    {"\xff", PART_8BIT, 1},
    {"a\rb\r\r\n", PART_FINAL_CRLF, 4},
};

static void
check(struct part part, size_t i, const char *how)
{
	if (part.flags != cases[i].flags ||
	    part.longest_line != cases[i].longest_line)
		fail_msg("case %zu %s: flags %u longest %u", i, how, part.flags,
		    part.longest_line);
}

static void
test_whole_and_in_pieces(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct span text = span_text(cases[i].text);
		struct line_scan scan = {0};
		struct part part;

		line_scan_add(&scan, text);
		line_scan_end(&scan, &part);
		check(part, i, "whole");
		scan = (struct line_scan){0};
		for (size_t n = 0; n < text.len; n++)
			line_scan_add(&scan, span_of(text.at + n, 1));
		line_scan_end(&scan, &part);
		check(part, i, "in pieces");
	}
}

static void
test_nul(void **state UNUSED)
{
	struct line_scan scan = {0};
	struct part part;

	line_scan_add(&scan, SPAN("a\0b\r\n"));
	line_scan_end(&scan, &part);
	assert_int_equal(part.flags, PART_NUL | PART_FINAL_CRLF);
	assert_int_equal(part.longest_line, 3);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole_and_in_pieces),
	    cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
