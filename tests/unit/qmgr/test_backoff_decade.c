/* SPDX-License-Identifier: MIT */
/* Ten years of a queue on simulated time, with a clock that is set now and
 * then: when messages that never get through are tried, warned about and given
 * up. The seed is printed; POSTERN_SEED repeats a run. */
#include <time.h>

#include "lib/base/clock.h"

#include "../unit.h"
#include "qmgr/backoff.h"

#define SECONDS(count) ((int64_t)(count)*CLOCK_SECOND)
#define HOUR           INT64_C(3600)
#define DAY            (24 * HOUR)

enum {
	YEARS = 10,
	QUEUE_RUN = 300 /* seconds */
};

static const struct backoff_limits limits = {
    .minimum = 300,
    .maximum = 4000,
    .lifetime = 5 * DAY,
    .notice_lifetime = 2 * DAY,
    .warning = 4 * HOUR,
};

static struct {
	uint64_t random;
	int64_t monotonic; /* seconds, what has truly passed */
	int64_t jump;      /* of the wall clock, seconds */
	struct backoff_clock clock;
	uint64_t attempts;
	uint64_t jumps;
} world;

static uint32_t
below(uint32_t bound)
{
	world.random = world.random * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)((world.random >> 33) % bound);
}

static int64_t
wall(void)
{
	return SECONDS(INT64_C(1795345200) + world.monotonic + world.jump);
}

static bool
is_sane(void)
{
	(void)backoff_clock_check(&world.clock, wall(), world.monotonic * 1000);
	return !world.clock.jumped;
}

/* Once in about 30 days the clock is set, by up to 20 days either way; the next
 * time it is set right. */
static void
pass(int64_t seconds)
{
	world.monotonic += seconds;
	if (below(30 * DAY) >= (uint64_t)seconds)
		return;
	world.jump = world.jump != 0 ? 0 : (int64_t)below(40 * DAY) - 20 * DAY;
	world.jumps++;
}

/* A message of this boot, from its arrival to its end; what a queue run does
 * every five minutes. */
static void
live(bool has_sender)
{
	int64_t arrival = wall();
	int64_t began = world.monotonic;
	int64_t set_before = world.jump;
	bool undisturbed = true;
	int64_t next = arrival;
	int64_t warned = 0;
	int warnings = 0;

	for (;;) {
		int64_t now = wall();
		int64_t age = world.monotonic - began;

		undisturbed = undisturbed && world.jump == set_before;
		if (now < next && undisturbed)
			assert_true(next - now <= SECONDS(limits.maximum));
		if (now >= next) {
			world.attempts++;
			next = backoff_next(&limits, arrival, now);
			assert_true(next - now >= SECONDS(limits.minimum));
			assert_true(next - now <= SECONDS(limits.maximum));
			if (is_sane() &&
			    backoff_is_warning_due(
				&limits, arrival, warned, now)) {
				warned = now;
				warnings++;
			}
			if (is_sane() &&
			    backoff_is_expired(
				&limits, arrival, has_sender, now)) {
				int64_t life = has_sender
				    ? limits.lifetime
				    : limits.notice_lifetime;

				/* A jump of up to an hour is no jump. */
				if (undisturbed) {
					assert_true(age >= life);
					assert_true(age <=
					    life + limits.maximum + QUEUE_RUN);
					assert_int_equal(warnings, 1);
				}
				break;
			}
		}
		/* Whatever the clock does, it comes to an end: the clock is set
		 * right in time. */
		assert_true(age < 400 * DAY);
		pass(QUEUE_RUN);
	}
	assert_true(warnings <= 1);
}

static void
test_ten_years(void **state UNUSED)
{
	const char *given = getenv("POSTERN_SEED");
	uint64_t seed =
	    given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	uint64_t messages = 0;

	print_message("POSTERN_SEED=%llu\n", (unsigned long long)seed);
	world.random = seed;
	backoff_clock_init(&world.clock, wall(), 0);
	for (; world.monotonic < YEARS * 365 * DAY; messages++)
		live(below(3) != 0);
	print_message("%llu messages, %llu attempts, the clock was set %llu "
		      "times\n",
	    (unsigned long long)messages, (unsigned long long)world.attempts,
	    (unsigned long long)world.jumps);
	assert_true(world.jumps > 10);
	assert_true(messages > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ten_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
