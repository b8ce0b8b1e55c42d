/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "qmgr/inflow.h"

static void
test_level(void **state UNUSED)
{
	static const struct {
		uint32_t before;
		uint64_t waiting;
		uint64_t limit;
		uint32_t want;
	} cases[] = {
	    {0, 0, 20000, 0},
	    {0, 1999, 20000, 0},
	    {0, 2000, 20000, 1},
	    {1, 1999, 20000, 1}, /* stays until half of it has gone */
	    {1, 1000, 20000, 1},
	    {1, 999, 20000, 0},
	    {1, 3999, 20000, 1},
	    {1, 4000, 20000, 2},
	    {2, 3000, 20000, 2},
	    {2, 2999, 20000, 1},
	    {9, 0, 20000, 0},
	    {0, 100000, 20000, 50},
	    {0, 1, 1, 1},
	    {1, 0, 1, 0},
	    {0, 5, 9, 5},
	    {0, UINT64_MAX / 2, 1, UINT32_MAX},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(inflow_level(cases[i].before, cases[i].waiting,
				     cases[i].limit),
		    cases[i].want);
}

/* From any start it comes to rest, and rises when more wait. */
static void
test_level_settles(void **state UNUSED)
{
	for (uint64_t waiting = 0; waiting < 500; waiting++)
		for (uint32_t before = 0; before < 60; before++) {
			uint32_t level = inflow_level(before, waiting, 100);

			assert_int_equal(
			    inflow_level(level, waiting, 100), level);
			assert_true(
			    inflow_level(level, waiting + 1, 100) >= level);
			assert_true(inflow_level(level, 0, 100) == 0);
		}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_level),
	    cmocka_unit_test(test_level_settles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
