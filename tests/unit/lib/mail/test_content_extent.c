/* SPDX-License-Identifier: MIT */
#include "lib/mail/content_extent.h"

#include "../../unit.h"

static const struct {
	const char *text;
	struct content_extent want; /* size is taken from the text */
	bool is_sendable;
} cases[] = {
    {"", {0}, true},
    {"a\r\n", {.lines = 1, .longest_line = 1}, true},
    {"\r\n", {.lines = 1}, true},
    {"a\r\nlonger\r\nb\r\n", {.lines = 3, .longest_line = 6}, true},
    {"a\r\nlonger", {.lines = 1, .longest_line = 6, .open_line = 6}, false},
    {"a\r\n.b\r\n", {.lines = 2, .longest_line = 2, .leading_dot = true},
	false},
    {".", {.longest_line = 1, .open_line = 1, .leading_dot = true}, false},
    {"a.\r\n", {.lines = 1, .longest_line = 2}, true},
    {"a\xe9"
     "bcdefghijk\r\n",
	{.lines = 1, .longest_line = 12, .eight_bit = true}, true},
    {"abcdefgh\xe9\r\n", {.lines = 1, .longest_line = 9, .eight_bit = true},
	true},
    {"a\nb\r\n", {.lines = 1, .longest_line = 3, .bare = true}, false},
    {"a\rb\r\n", {.lines = 1, .longest_line = 3, .bare = true}, false},
    {"a\r\r\n", {.lines = 1, .longest_line = 2, .bare = true}, false},
    {"a\r", {.longest_line = 1, .open_line = 2, .open_cr = true}, false},
};

static void
test_measure(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct content_extent want = cases[i].want;

		want.size = strlen(cases[i].text);
		for (size_t step = 1; step <= want.size + 1; step++) {
			struct content_extent extent = {0};
			struct span rest = span_text(cases[i].text);

			for (; rest.len > 0; rest = span_skip(rest, step))
				content_extent_add(
				    &extent, span_head(rest, step));
			assert_int_equal(extent.size, want.size);
			assert_int_equal(extent.lines, want.lines);
			assert_int_equal(
			    extent.longest_line, want.longest_line);
			assert_int_equal(extent.open_line, want.open_line);
			assert_int_equal(extent.eight_bit, want.eight_bit);
			assert_int_equal(extent.leading_dot, want.leading_dot);
			assert_int_equal(extent.bare, want.bare);
			assert_int_equal(extent.open_cr, want.open_cr);
			assert_int_equal(content_extent_is_sendable(&extent),
			    cases[i].is_sendable);
		}
	}
}

static void
test_nul(void **state UNUSED)
{
	struct content_extent extent = {0};

	content_extent_add(&extent, SPAN("text\r\n"));
	assert_false(extent.nul);
	content_extent_add(&extent, SPAN("a\0\r\n"));
	assert_true(extent.nul);
	assert_true(content_extent_is_sendable(&extent));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_measure),
	    cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
