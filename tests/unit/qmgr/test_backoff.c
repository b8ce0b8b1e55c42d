/* SPDX-License-Identifier: MIT */
#include "lib/base/clock.h"

#include "../unit.h"
#include "qmgr/backoff.h"

#define SECONDS(count) ((int64_t)(count)*CLOCK_SECOND)
#define HOUR           INT64_C(3600)
#define DAY            (24 * HOUR)

/* Postfix's defaults. */
static const struct backoff_limits limits = {
    .minimum = 300,
    .maximum = 4000,
    .lifetime = 5 * DAY,
    .notice_lifetime = 2 * DAY,
    .warning = 4 * HOUR,
};

static const int64_t arrival = SECONDS(INT64_C(1795345200));

static void
test_next(void **state UNUSED)
{
	static const struct {
		int64_t age;
		int64_t want;
	} cases[] = {
	    {-500, 300},
	    {0, 300},
	    {299, 300},
	    {301, 301},
	    {1200, 1200},
	    {4001, 4000},
	    {3 * DAY, 4000},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t now = arrival + SECONDS(cases[i].age);

		assert_int_equal(backoff_next(&limits, arrival, now),
		    now + SECONDS(cases[i].want));
	}
}

/* A message that always fails is tried at these ages, seconds. */
static void
test_series(void **state UNUSED)
{
	static const int64_t ages[] = {300, 600, 1200, 2400, 4800, 8800, 12800};
	int64_t now = arrival;

	for (size_t i = 0; i < COUNT_OF(ages); i++) {
		now = backoff_next(&limits, arrival, now);
		assert_int_equal(now, arrival + SECONDS(ages[i]));
	}
}

static void
test_due(void **state UNUSED)
{
	static const struct {
		int64_t next; /* seconds from now */
		bool is_due;
	} cases[] = {
	    {-1, true},
	    {0, true},
	    {1, false},
	    {4000, false},
	    /* No message is put off so far. */
	    {4001, true},
	    {3650 * DAY, true},
	    {-3650 * DAY, true},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(backoff_is_due(&limits,
				     arrival + SECONDS(cases[i].next), arrival),
		    cases[i].is_due);
}

static void
test_expiry(void **state UNUSED)
{
	int64_t before = arrival + SECONDS(2 * DAY) - 1;
	int64_t after = arrival + SECONDS(2 * DAY);

	assert_false(backoff_is_expired(&limits, arrival, false, before));
	assert_true(backoff_is_expired(&limits, arrival, false, after));
	assert_false(backoff_is_expired(&limits, arrival, true, after));
	assert_true(backoff_is_expired(
	    &limits, arrival, true, arrival + SECONDS(5 * DAY)));
	assert_false(backoff_is_expired(
	    &limits, arrival, true, arrival - SECONDS(9 * DAY)));
}

static void
test_warning(void **state UNUSED)
{
	struct backoff_limits never = limits;
	int64_t due = arrival + SECONDS(4 * HOUR);

	never.warning = 0;
	assert_false(
	    backoff_is_warning_due(&limits, arrival, 0, due - SECONDS(1)));
	assert_true(backoff_is_warning_due(&limits, arrival, 0, due));
	assert_false(backoff_is_warning_due(&limits, arrival, due, due));
	assert_false(backoff_is_warning_due(&never, arrival, 0, due));
}

static void
test_clock(void **state UNUSED)
{
	struct backoff_clock clock;
	int64_t monotonic = 5000000;

	backoff_clock_init(&clock, arrival, monotonic);
	assert_false(backoff_clock_check(
	    &clock, arrival + SECONDS(DAY), monotonic + DAY * 1000));
	assert_false(
	    backoff_clock_check(&clock, arrival + SECONDS(HOUR), monotonic));
	assert_false(clock.jumped);
	assert_true(backoff_clock_check(
	    &clock, arrival + SECONDS(HOUR) + 1, monotonic));
	assert_true(clock.jumped);
	assert_false(backoff_clock_check(
	    &clock, arrival - SECONDS(30 * DAY), monotonic));
	assert_true(clock.jumped);
	assert_true(backoff_clock_check(&clock, arrival, monotonic));
	assert_false(clock.jumped);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_series),
	    cmocka_unit_test(test_expiry),
	    cmocka_unit_test(test_warning),
	    cmocka_unit_test(test_due),
	    cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
