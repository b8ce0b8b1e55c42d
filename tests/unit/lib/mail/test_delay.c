/* SPDX-License-Identifier: MIT */
#include "lib/mail/delay.h"

#include "../../unit.h"

static void
test_one_delay(void **state UNUSED)
{
	static const struct {
		int64_t microseconds;
		unsigned resolution;
		const char *want;
	} cases[] = {
	    {-5, 2, "0"},
	    {0, 2, "0"},
	    {4999, 2, "0"},
	    {5000, 2, "0.01"},
	    {53000, 2, "0.05"},
	    {100000, 2, "0.1"},
	    {354000, 2, "0.35"},
	    {999999, 2, "1"},
	    {1000000, 2, "1"},
	    {1140000, 2, "1.1"},
	    {9960000, 2, "10"},
	    {37400000, 2, "37"},
	    {349000000, 2, "349"},
	    {86400000000, 2, "86400"},
	    {53400, 6, "0.053"},
	    {1234, 6, "0.0012"},
	    {1, 6, "0.000001"},
	    {1600000, 0, "2"},
	    {INT64_MAX / 2, 2, "4611686018427"},
	};

	char text[DELAY_TEXT_SIZE];

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(delay_format(cases[i].microseconds,
					cases[i].resolution, text),
		    cases[i].want);
}

static void
test_delivery(void **state UNUSED)
{
	static const struct delay_times times = {
	    .arrived = 1000000,
	    .activated = 1050000,
	    .started = 1050100,
	    .connected = 2150000,
	    .ended = 38400000,
	};
	static const struct delay_times backwards = {
	    .arrived = 9000000, .ended = 1};
	char text[DELAY_TEXT_SIZE];

	assert_string_equal(delay_format_total(&times, 2, text), "37");
	assert_string_equal(
	    delay_format_parts(&times, 2, text), "0.05/0/1.1/36");
	assert_string_equal(delay_format_total(&backwards, 2, text), "0");
	assert_string_equal(delay_format_parts(&backwards, 2, text), "0/0/0/0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_delay),
	    cmocka_unit_test(test_delivery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
