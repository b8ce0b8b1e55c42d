/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "cleanup/inflow.h"

static void
test_pause(void **state UNUSED)
{
	static const struct {
		uint32_t level;
		int64_t delay;
		enum message_origin origin;
		int64_t want;
	} cases[] = {
	    {0, 1, ORIGIN_SMTPD, 0},
	    {1, 1, ORIGIN_SMTPD, 1000},
	    {1, 1, ORIGIN_SENDMAIL, 1000},
	    {3, 2, ORIGIN_SMTPD, 6000},
	    {50, 1, ORIGIN_SMTPD, 50000},
	    {59, 2, ORIGIN_SMTPD, 60000},
	    {UINT32_MAX, 10, ORIGIN_SMTPD, 60000},
	    {1, 0, ORIGIN_SMTPD, 0}, /* off */
	    {UINT32_MAX, 0, ORIGIN_SMTPD, 0},
	    /* Our own mail empties the queue. */
	    {50, 1, ORIGIN_BOUNCE, 0},
	    {50, 1, ORIGIN_FORWARD, 0},
	    {50, 1, ORIGIN_OTHER, 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(inflow_pause(cases[i].level, cases[i].delay,
				     cases[i].origin),
		    cases[i].want);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
