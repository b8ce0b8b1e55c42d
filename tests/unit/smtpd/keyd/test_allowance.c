/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "smtpd/keyd/allowance.h"

static void
has_no_limit_without_a_rate(void **state UNUSED)
{
	struct allowance allowance = {0};

	for (int i = 0; i < 100; i++)
		assert_int_equal(allowance_take(&allowance, 0, 77), 77);
}

/* A second's worth at once, then one at a time. */
static void
spreads_what_is_above(void **state UNUSED)
{
	struct allowance allowance = {0};
	int64_t now = 1000000;

	for (int i = 0; i < 10; i++)
		assert_int_equal(allowance_take(&allowance, 10, now), now);
	for (int i = 1; i <= 30; i++)
		assert_int_equal(allowance_take(&allowance, 10, now),
		    now + (int64_t)100 * i);
	/* They are spent: a second later others still wait for theirs. */
	assert_int_equal(
	    allowance_take(&allowance, 10, now + 1000), now + 3100);
}

static void
saves_one_second(void **state UNUSED)
{
	struct allowance allowance = {0};
	int64_t now = 5000000;

	assert_int_equal(allowance_take(&allowance, 4, now), now);
	now += 3600000;
	for (int i = 0; i < 4; i++)
		assert_int_equal(allowance_take(&allowance, 4, now), now);
	assert_int_equal(allowance_take(&allowance, 4, now), now + 250);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has_no_limit_without_a_rate),
	    cmocka_unit_test(spreads_what_is_above),
	    cmocka_unit_test(saves_one_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
