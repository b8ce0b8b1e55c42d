/* SPDX-License-Identifier: MIT */
#include "lib/mail/delay.h"

#include "../../unit.h"

static const struct {
	int64_t microseconds;
	int64_t digits;
	const char *want;
} totals[] = {
    {0, 2, "0"},
    {4000, 2, "0"},
    {5000, 2, "0.01"},
    {50000, 2, "0.05"},
    {123456, 2, "0.12"},
    {100000, 2, "0.1"},
    {999999, 2, "1"},
    {1000000, 2, "1"},
    {1140000, 2, "1.1"},
    {9960000, 2, "10"},
    {37400000, 2, "37"},
    {349000000, 2, "349"},
    {86400000000, 2, "86400"},
    {1250, 4, "0.0013"},
    {12345, 6, "0.012"},
    {1140000, 0, "1"},
    {-5, 2, "0"},
};

static void
test_totals(void **state UNUSED)
{
	char text[DELAY_TEXT_SIZE];

	for (size_t i = 0; i < COUNT_OF(totals); i++) {
		struct delay delay = {.ended = totals[i].microseconds};

		assert_string_equal(
		    delay_format_total(&delay, totals[i].digits, text),
		    totals[i].want);
	}
}

static void
test_steps(void **state UNUSED)
{
	char text[DELAY_TEXT_SIZE];
	struct delay delay = {
	    .arrived = 1000000,
	    .activated = 1050000,
	    .begun = 1060000,
	    .connected = 2000000,
	    .ended = 39000000,
	};

	assert_string_equal(
	    delay_format_steps(&delay, 2, text), "0.05/0.01/0.94/37");
	delay.begun = 0;
	assert_string_equal(delay_format_steps(&delay, 2, text), "0.05/0/2/37");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_totals),
	    cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
