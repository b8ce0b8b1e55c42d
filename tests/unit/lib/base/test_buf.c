/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"

#include "../../unit.h"

static void
test_empty(void **state UNUSED)
{
	struct buf buf;

	buf_init(&buf, 100);
	assert_null(buf.at);
	assert_string_equal(buf_text(&buf), "");
	assert_span(buf_span(&buf), "");
	buf_consume(&buf, 0);
	buf_shorten(&buf, 0);
	buf_clear(&buf);
	buf_finish(&buf);
}

static void
test_append(void **state UNUSED)
{
	struct buf buf;

	buf_init(&buf, 1000);
	assert_true(buf_append(&buf, "ab", 2));
	assert_true(buf_append_text(&buf, "cd"));
	assert_true(buf_append_span(&buf, SPAN("ef")));
	assert_true(buf_append_span(&buf, (struct span){0}));
	assert_true(buf_append_byte(&buf, 'g'));
	assert_true(buf_printf(&buf, "-%d-%s", 42, "x"));
	assert_string_equal(buf_text(&buf), "abcdefg-42-x");
	buf_consume(&buf, 2);
	buf_shorten(&buf, 2);
	assert_string_equal(buf_text(&buf), "cdefg-42");
	buf_clear(&buf);
	assert_string_equal(buf_text(&buf), "");
	buf_finish(&buf);
	assert_int_equal(buf.maximum, 1000);
}

static void
test_growth_keeps_content(void **state UNUSED)
{
	struct buf buf;

	buf_init(&buf, 100000);
	for (int i = 0; i < 5000; i++)
		assert_true(buf_printf(&buf, "%05d,", i));
	assert_int_equal(buf.len, 30000);
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(strtol(buf.at + i * 6, NULL, 10), (long)i);
	assert_int_equal(buf.at[buf.len], '\0');
	buf_finish(&buf);
}

static const struct {
	size_t maximum;
	size_t filled;
	size_t added;
	bool fits;
} limits[] = {
    {0, 0, 0, true},
    {0, 0, 1, false},
    {1, 0, 1, true},
    {10, 9, 1, true},
    {10, 9, 2, false},
    {10, 10, 1, false},
    {64, 63, 1, true},
    {65, 64, 1, true},
    {65, 64, 2, false},
    {10, 3, SIZE_MAX, false},
};

static void
test_maximum(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(limits); i++) {
		struct buf buf;

		buf_init(&buf, limits[i].maximum);
		for (size_t n = 0; n < limits[i].filled; n++)
			assert_true(buf_append_byte(&buf, 'x'));
		assert_int_equal(
		    buf_reserve(&buf, limits[i].added) != NULL, limits[i].fits);
		assert_int_equal(buf.overflowed, !limits[i].fits);
		assert_int_equal(buf.len, limits[i].filled);
		buf_finish(&buf);
	}
}

static void
test_overflow_is_remembered(void **state UNUSED)
{
	struct buf buf;

	buf_init(&buf, 4);
	assert_true(buf_append_text(&buf, "abc"));
	assert_false(buf_append_text(&buf, "de"));
	assert_false(buf_printf(&buf, "%d", 10));
	assert_true(buf_append_text(&buf, "d"));
	assert_true(buf.overflowed);
	assert_string_equal(buf_text(&buf), "abcd");
	buf_clear(&buf);
	assert_false(buf.overflowed);
	assert_true(buf_printf(&buf, "%d", 1234));
	assert_string_equal(buf_text(&buf), "1234");
	buf_finish(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_append),
	    cmocka_unit_test(test_growth_keeps_content),
	    cmocka_unit_test(test_maximum),
	    cmocka_unit_test(test_overflow_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
