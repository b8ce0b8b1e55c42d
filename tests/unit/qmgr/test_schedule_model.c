/* SPDX-License-Identifier: MIT */
/* The scheduler against a model that keeps every recipient in one array and
 * looks through all of it for every answer. Random sequences of events, whose
 * seed is printed; POSTERN_SEED repeats a run, POSTERN_SEQUENCES lengthens it.
 *
 * What must hold: no limit is exceeded, no rate delay cut short, a suspended
 * destination is left alone and one that is forgiven used at once; something
 * begins exactly when something may; the time to wake is never too late; and
 * nobody waits longer than for the turns of the others. */
#include <time.h>

#include "schedule_model.h"

/* ---- fairness ---- */

static int
count_entries(int destination, int age)
{
	struct destination *real =
	    schedule_find(&world.lane, span_text(names[destination]));
	int count = 0;

	if (real != NULL)
		list_foreach (node, &real->entries[age])
			count++;
	return count;
}

static void
note_line(int destination, int age, int message)
{
	struct believed *of = &world.of[destination];
	int count = count_entries(destination, age);

	if (of->line[age][message] < count)
		of->line[age][message] = count;
}

/* A delivery of (destination, age, message) is about to begin. */
static void
note_turn(int destination, int age, int message)
{
	struct believed *of = &world.of[destination];

	for (int i = 0; i < DESTINATIONS; i++)
		if (i != destination && may_begin(i, world.now))
			check(++world.of[i].passed <= AGE_TURNS * DESTINATIONS);
	of->passed = 0;
	for (int i = 0; i < AGE_COUNT; i++)
		if (i != age && age_may_begin(destination, i, world.now))
			check(++of->passed_age[i] <= AGE_TURNS);
	of->passed_age[age] = 0;
	for (int i = 0; i < MESSAGES; i++)
		if (of->line[age][i] > 0 && i != message)
			check(++of->passed_message[age][i] <= of->line[age][i]);
	of->passed_message[age][message] = of->line[age][message] = 0;
}

static bool
has_waiting(int destination, int age, int message)
{
	for (int i = 0; i < world.item_count; i++)
		if (world.items[i].state == WAITS &&
		    world.items[i].destination == destination &&
		    world.items[i].age == age &&
		    world.items[i].message == message)
			return true;
	return false;
}

/* Whoever has nothing left waits for nothing. */
static void
note_served(int destination, int age, int message)
{
	struct believed *of = &world.of[destination];

	if (has_waiting(destination, age, message))
		note_line(destination, age, message);
	else
		of->line[age][message] = of->passed_message[age][message] = 0;
}

/* ---- events ---- */

static int
number_of(const struct destination *destination)
{
	for (int i = 0; i < DESTINATIONS; i++)
		if (span_equal(destination->key, span_text(names[i])))
			return i;
	fail_msg("a destination from nowhere");
	return 0;
}

static void
event_add(void)
{
	int where = (int)below(DESTINATIONS);
	int age = (int)below(AGE_COUNT);
	int what = (int)below(MESSAGES);
	struct destination *real = schedule_destination(
	    &world.lane, span_text(names[where]), SPAN("next"));

	check(schedule_is_suspended(real, world.now) == is_suspended(where));
	if (is_suspended(where))
		return;
	for (uint32_t n = below(8) + 1; n > 0 && world.item_count < ITEMS;
	     n--) {
		struct item *item = &world.items[world.item_count++];

		*item = (struct item){
		    .destination = where, .age = age, .message = what};
		list_init(&item->node);
		schedule_add(real, (enum schedule_age)age,
		    &world.messages[what], &world.messages[what].entries,
		    &item->node);
	}
	if (has_waiting(where, age, what))
		note_line(where, age, what);
}

static void
take_item(struct list *node, const struct choice *choice, int where)
{
	struct item *item = list_element(node, struct item, node);

	check(item->state == WAITS && item->destination == where);
	check(item->age == (int)choice->age);
	check(&world.messages[item->message] == choice->message);
	item->state = RUNS_NOW;
	list_remove(node);
}

static void
check_begun(struct choice *choice)
{
	int where = number_of(choice->destination);
	int what = (int)(choice->message - world.messages);
	struct believed *of = &world.of[where];
	struct list *node;
	uint32_t count = 0;

	check(!is_suspended(where));
	check(age_may_begin(where, choice->age, world.now));
	note_turn(where, choice->age, what);
	while ((node = list_first(&choice->recipients)) != NULL) {
		take_item(node, choice, where);
		count++;
	}
	check(count == choice->count && count > 0);
	check(count <= world.lane.limits.recipients);
	note_served(where, choice->age, what);
	of->busy++;
	check(of->busy <= world.lane.limits.window.maximum);
	world.lane_rests_until = world.now + world.lane.limits.transport_delay;
	world.runs[world.run_count++] = (struct run){where, choice->age};
	world.begun++;
}

/* As many as there is room for, or only some of them. */
static void
event_begin(void)
{
	struct choice choice;

	while (count_busy(AGE_COUNT) < world.lane.slots && below(8) > 0) {
		bool may = any_may_begin(world.now);

		check(schedule_next(&world.lane, world.now, &choice) == may);
		if (!may)
			return;
		check_begun(&choice);
	}
}

/* A dead destination's mail is taken back, all of it. */
static void
take_all_back(struct destination *real, int where)
{
	struct list taken;
	struct list *node;

	list_init(&taken);
	while (schedule_take_first(real, &taken) != NULL)
		;
	while ((node = list_first(&taken)) != NULL) {
		struct item *item = list_element(node, struct item, node);

		check(item->state == WAITS && item->destination == where);
		item->state = GONE;
		list_remove(node);
	}
	for (int age = 0; age < AGE_COUNT; age++) {
		check(count_waiting(where, age) == 0);
		for (int i = 0; i < MESSAGES; i++)
			note_served(where, age, i);
	}
}

static void
believe_end(int where, enum schedule_outcome outcome, bool *dead)
{
	struct believed *of = &world.of[where];
	bool was_dead = is_suspended(where);

	*dead = false;
	if (was_dead && outcome == SCHEDULE_GOOD)
		forget(where);
	else if (!was_dead && outcome != SCHEDULE_NEUTRAL)
		*dead = learn(of, outcome);
	if (*dead)
		of->suspended_until = world.now + SUSPENSION;
	of->busy--;
	if (world.lane.limits.destination_delay > 0)
		of->rests_until =
		    world.now + world.lane.limits.destination_delay;
}

static void
event_end(void)
{
	static const enum schedule_outcome outcomes[] = {SCHEDULE_GOOD,
	    SCHEDULE_GOOD, SCHEDULE_GOOD, SCHEDULE_FAILED, SCHEDULE_FAILED,
	    SCHEDULE_NEUTRAL};
	enum schedule_outcome outcome = outcomes[below(COUNT_OF(outcomes))];
	struct destination *real;
	struct run run;
	int which;
	bool dead;

	if (world.run_count == 0)
		return;
	which = (int)below((uint32_t)world.run_count);
	run = world.runs[which];
	world.runs[which] = world.runs[--world.run_count];
	real = schedule_find(&world.lane, span_text(names[run.destination]));
	check(real != NULL);
	believe_end(run.destination, outcome, &dead);
	check(schedule_finished(real, (enum schedule_age)run.age, outcome,
		  world.now) == dead);
	if (dead)
		take_all_back(real, run.destination);
}

static void
event_time(void)
{
	static const uint32_t steps[] = {1, 10, 300, 1000, 3000, SUSPENSION};

	world.now += below(steps[below(COUNT_OF(steps))] + 1);
}

static void
event_forgive(void)
{
	int where = (int)below(DESTINATIONS);
	struct destination *real =
	    schedule_find(&world.lane, span_text(names[where]));

	if (real == NULL)
		return;
	schedule_forgive(real);
	forget(where);
	check(!schedule_is_suspended(real, world.now));
}

static void
event_sweep(void)
{
	schedule_sweep(&world.lane, world.now);
}

/* ---- what holds after each event ---- */

static enum schedule_wait
why_waits(int where, int age)
{
	const struct believed *of = &world.of[where];

	if (of->suspended_until > world.now)
		return SCHEDULE_WAITS_SUSPENSION;
	if (of->rests_until > world.now)
		return SCHEDULE_WAITS_DESTINATION_DELAY;
	if (of->busy >= of->size)
		return SCHEDULE_WAITS_WINDOW;
	if (world.lane_rests_until > world.now)
		return SCHEDULE_WAITS_TRANSPORT_DELAY;
	if (count_busy(AGE_COUNT) >= world.lane.slots)
		return SCHEDULE_WAITS_SLOT;
	return age == AGE_RETRY && !retries_are_allowed() ? SCHEDULE_WAITS_SHARE
							  : SCHEDULE_WAITS_TURN;
}

/* Only a destination about which there is nothing to know is not kept, or what
 * is known about it is old. */
static void
check_forgotten(int where)
{
	const struct believed *of = &world.of[where];

	check(of->busy == 0 && of->rests_until <= world.now);
	check(!is_suspended(where));
	for (int age = 0; age < AGE_COUNT; age++)
		check(count_waiting(where, age) == 0);
	forget(where);
}

static void
check_destination(int where)
{
	struct destination *real =
	    schedule_find(&world.lane, span_text(names[where]));
	int age = (int)below(AGE_COUNT);

	if (real == NULL) {
		check_forgotten(where);
		return;
	}
	check(real->window.busy == world.of[where].busy);
	/* The end of a suspension is noticed when mail comes. */
	if (real->suspended_until != 0 && real->suspended_until <= world.now)
		return;
	if (!is_suspended(where))
		check(real->window.size == world.of[where].size);
	check(schedule_explain(real, (enum schedule_age)age, world.now).wait ==
	    why_waits(where, age));
}

static void
check_wake_up(void)
{
	int64_t time = schedule_next_time(&world.lane, world.now);

	check(time >= world.now && time <= first_time());
	check(time > world.now || any_may_begin(world.now) ||
	    !list_is_empty(&world.lane.resting));
}

/* ---- sequences ---- */

static void
choose_limits(void)
{
	static const struct feedback feedbacks[] = {
	    {1, FEEDBACK_BY_NOTHING},
	    {0.5, FEEDBACK_BY_NOTHING},
	    {0, FEEDBACK_BY_NOTHING},
	    {1, FEEDBACK_BY_CONCURRENCY},
	    {0.7, FEEDBACK_BY_ROOT},
	};
	struct lane_limits limits = {
	    .recipients = below(5) + 1,
	    .window =
		{
		    .initial = below(5) + 1,
		    .maximum = below(8) + 1,
		    .cohorts = below(3) + 1,
		    .positive = feedbacks[below(COUNT_OF(feedbacks))],
		    .negative = feedbacks[below(COUNT_OF(feedbacks))],
		},
	    .suspension = SUSPENSION,
	    .destination_delay = below(3) == 0 ? below(2000) : 0,
	    .transport_delay = below(3) == 0 ? below(500) : 0,
	};

	lane_init(&world.lane, &limits);
	world.lane.slots = below(10) + 1;
}

static void
world_init(uint64_t seed)
{
	uint64_t begun = world.begun;

	memset(&world, 0, sizeof world);
	world.begun = begun;
	world.seed = world.random = seed;
	world.now = 1;
	choose_limits();
	for (int i = 0; i < MESSAGES; i++)
		list_init(&world.messages[i].entries);
	for (int i = 0; i < DESTINATIONS; i++)
		forget(i);
}

static void (*const events[])(void) = {
    event_add,
    event_add,
    event_begin,
    event_begin,
    event_begin,
    event_end,
    event_end,
    event_end,
    event_time,
    event_forgive,
    event_sweep,
};

/* In the end everything that may still go does. */
static void
drain(void)
{
	for (; world.step < STEPS + 100000; world.step++) {
		int64_t time = first_time();

		event_begin();
		if (world.run_count > 0)
			event_end();
		else if (time == SCHEDULE_NEVER)
			return;
		else if (time > world.now)
			world.now = time;
	}
	check(!"drained");
}

static void
run_sequence(uint64_t seed)
{
	world_init(seed);
	for (world.step = 0; world.step < STEPS; world.step++) {
		events[below(COUNT_OF(events))]();
		for (int i = 0; i < DESTINATIONS; i++)
			check_destination(i);
		check_wake_up();
	}
	drain();
	for (int i = 0; i < DESTINATIONS; i++)
		for (int age = 0; age < AGE_COUNT; age++)
			check(count_waiting(i, age) == 0);
	lane_finish(&world.lane);
}

static uint64_t
number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void
test_against_model(void **state UNUSED)
{
	uint64_t seed = number_from("POSTERN_SEED", (uint64_t)time(NULL));
	uint64_t count = number_from("POSTERN_SEQUENCES", SEQUENCES);

	print_message("POSTERN_SEED=%llu, %llu sequences\n",
	    (unsigned long long)seed, (unsigned long long)count);
	for (uint64_t i = 0; i < count; i++)
		run_sequence(seed + i);
	print_message("%llu deliveries\n", (unsigned long long)world.begun);
	assert_true(world.begun > count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
