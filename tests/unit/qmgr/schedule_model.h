/* SPDX-License-Identifier: MIT */
/* The scheduler once more, for test_schedule_model.c: every recipient is in one
 * array, and each answer comes from looking through all of it. */
#ifndef UNIT_QMGR_SCHEDULE_MODEL_H
#define UNIT_QMGR_SCHEDULE_MODEL_H

#include <math.h>

#include "../unit.h"
#include "qmgr/schedule.h"

enum {
	DESTINATIONS = 4,
	MESSAGES = 5,
	ITEMS = 400,
	RUNS = ITEMS,
	STEPS = 250,
	SEQUENCES = 2000,
	SUSPENSION = 5000,
	/* The weights of all ages for one of weight 1, and once more for what
	 * an age that could not begin has lost. */
	AGE_TURNS = 14
};

struct message {
	struct list entries;
};

enum item_state {
	WAITS,
	RUNS_NOW,
	GONE
};

struct item {
	struct list node;
	int destination;
	int age;
	int message;
	enum item_state state;
};

/* A delivery under way. */
struct run {
	int destination;
	int age;
};

/* What the model believes about a destination. */
struct believed {
	double size;
	uint32_t busy;
	double success;
	double failure;
	double failed;
	int64_t rests_until;
	int64_t suspended_until;
	int passed;                              /* deliveries of others */
	int passed_age[AGE_COUNT];               /* of other ages */
	int passed_message[AGE_COUNT][MESSAGES]; /* of other messages */
	int line[AGE_COUNT][MESSAGES];           /* the longest since then */
};

static struct {
	struct lane lane;
	struct message messages[MESSAGES];
	struct item items[ITEMS];
	int item_count;
	struct run runs[RUNS];
	int run_count;
	struct believed of[DESTINATIONS];
	int64_t lane_rests_until;
	int64_t now;
	uint64_t seed;
	uint64_t random;
	int step;
	uint64_t begun;
} world;

static const char *const names[DESTINATIONS] = {"w", "x", "y", "z"};

#define check(condition)                                                \
	do {                                                            \
		if (!(condition))                                       \
			fail_msg("POSTERN_SEED=%llu, step %d: not %s",  \
			    (unsigned long long)world.seed, world.step, \
			    #condition);                                \
	} while (0)

/* splitmix64 */
static uint32_t
below(uint32_t bound)
{
	uint64_t z = world.random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ (z >> 31)) % bound);
}

/* ---- the model ---- */

static int
count_waiting(int destination, int age)
{
	int count = 0;

	for (int i = 0; i < world.item_count; i++)
		count += world.items[i].state == WAITS &&
		    world.items[i].destination == destination &&
		    world.items[i].age == age;
	return count;
}

static uint32_t
count_busy(int age)
{
	uint32_t count = 0;

	for (int i = 0; i < world.run_count; i++)
		count += world.runs[i].age == age || age == AGE_COUNT;
	return count;
}

static bool
retries_are_allowed(void)
{
	uint32_t share = world.lane.slots * 4 / 5;

	return count_busy(AGE_RETRY) < (share > 0 ? share : 1);
}

static bool
age_may_begin(int destination, int age, int64_t time)
{
	const struct believed *of = &world.of[destination];

	return count_waiting(destination, age) > 0 && of->busy < of->size &&
	    of->rests_until <= time && world.lane_rests_until <= time &&
	    (age != AGE_RETRY || retries_are_allowed());
}

static bool
may_begin(int destination, int64_t time)
{
	for (int age = 0; age < AGE_COUNT; age++)
		if (age_may_begin(destination, age, time))
			return true;
	return false;
}

static bool
any_may_begin(int64_t time)
{
	for (int i = 0; i < DESTINATIONS; i++)
		if (may_begin(i, time))
			return true;
	return false;
}

/* Rates end at a few times only: it is one of them, or never. */
static int64_t
first_time(void)
{
	int64_t first = SCHEDULE_NEVER;

	for (int i = -2; i < DESTINATIONS; i++) {
		int64_t time = i == -2 ? world.now
		    : i == -1          ? world.lane_rests_until
				       : world.of[i].rests_until;

		if (time >= world.now && time < first && any_may_begin(time))
			first = time;
	}
	return first;
}

static void
forget(int destination)
{
	struct believed *of = &world.of[destination];
	const struct concurrency_limits *limits = &world.lane.limits.window;
	uint32_t size = limits->initial < limits->maximum ? limits->initial
							  : limits->maximum;

	of->size = size;
	of->success = of->failure = of->failed = 0;
	of->suspended_until = 0;
}

static bool
is_suspended(int destination)
{
	struct believed *of = &world.of[destination];

	if (of->suspended_until != 0 && of->suspended_until <= world.now)
		forget(destination);
	return of->suspended_until != 0;
}

static double
part(const struct feedback *feedback, double size)
{
	return feedback->divisor == FEEDBACK_BY_CONCURRENCY
	    ? feedback->number / size
	    : feedback->divisor == FEEDBACK_BY_ROOT
	    ? feedback->number / sqrt(size)
	    : feedback->number;
}

/* The pseudo code of SCHEDULER_README. True when it is dead. */
static bool
learn(struct believed *of, enum schedule_outcome outcome)
{
	const struct concurrency_limits *limits = &world.lane.limits.window;

	if (outcome == SCHEDULE_GOOD) {
		of->failed = 0;
		if (of->size >= of->busy + limits->initial ||
		    of->size >= limits->maximum)
			return false;
		of->success += part(&limits->positive, of->size);
		while (of->success > 1 - 1e-9) {
			of->size++;
			of->success--;
			of->failure = 0;
		}
		return false;
	}
	of->failed += 1 / of->size;
	of->failure -= part(&limits->negative, of->size);
	while (of->failure < -1e-9) {
		of->size = of->size > 1 ? of->size - 1 : 1;
		of->failure++;
		of->success = 0;
	}
	return of->failed > limits->cohorts - 1e-9;
}

#endif
