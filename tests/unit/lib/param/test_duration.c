/* SPDX-License-Identifier: MIT */
#include "lib/param/duration.h"

#include "../../unit.h"

static const struct {
	const char *text;
	char unit;
	int64_t seconds; /* -1 = refused */
} cases[] = {
    {"0", 's', 0},
    {"90", 's', 90},
    {"5", 'd', 432000},
    {"90s", 'd', 90},
    {"5m", 's', 300},
    {"2h", 's', 7200},
    {"1d", 's', 86400},
    {"2W", 's', 1209600},
    {" 10 s ", 's', 10},
    {"9223372036854775807", 's', INT64_MAX},
    {"9223372036854775808", 's', -1},
    {"15250284452471w", 's', 15250284452471 * 604800},
    {"15250284452472w", 's', -1},
    {"", 's', -1},
    {"s", 's', -1},
    {"-1", 's', -1},
    {"1.5h", 's', -1},
    {"1h30m", 's', -1},
    {"10x", 's', -1},
};

static void
test_parse(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t seconds = -1;
		bool good = duration_parse(
		    span_text(cases[i].text), cases[i].unit, &seconds);

		assert_int_equal(good, cases[i].seconds >= 0);
		if (good)
			assert_int_equal(seconds, cases[i].seconds);
	}
}

static void
test_default_unit(void **state UNUSED)
{
	assert_int_equal(duration_default_unit(SPAN("5d")), 'd');
	assert_int_equal(duration_default_unit(SPAN("0h")), 'h');
	assert_int_equal(
	    duration_default_unit(SPAN("${stress?{10}:{300}}s")), 's');
	assert_int_equal(duration_default_unit(SPAN("$a_time_allowed")), 's');
	assert_int_equal(duration_default_unit(SPAN("10")), 's');
	assert_int_equal(duration_default_unit(SPAN("d")), 's');
	assert_int_equal(duration_default_unit(SPAN("")), 's');
}

static void
test_format(void **state UNUSED)
{
	char text[DURATION_TEXT_SIZE];

	assert_string_equal(duration_format(0, text), "0s");
	assert_string_equal(duration_format(59, text), "59s");
	assert_string_equal(duration_format(300, text), "5m");
	assert_string_equal(duration_format(432000, text), "5d");
	assert_string_equal(duration_format(604800, text), "1w");
	assert_string_equal(duration_format(3601, text), "3601s");
	assert_string_equal(
	    duration_format(INT64_MAX, text), "9223372036854775807s");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_default_unit),
	    cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
