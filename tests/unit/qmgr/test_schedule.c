/* SPDX-License-Identifier: MIT */
/* The scheduler on simulated time: time is a number that the tests choose. */
#include "../unit.h"
#include "qmgr/schedule.h"

enum {
	MESSAGES = 8,
	RECIPIENTS = 400,
	SUSPENSION = 300000
};

/* What schedule.c knows of a message is its address. */
struct message {
	struct list entries;
	char name;
};

struct item {
	struct list node;
	struct message *message;
};

struct world {
	struct lane lane;
	struct message messages[MESSAGES];
	struct item items[RECIPIENTS];
	size_t used;
};

static const struct lane_limits usual = {
    .recipients = 2,
    .window = {.initial = 2, .maximum = 4, .cohorts = 1},
    .suspension = SUSPENSION,
};

static void
world_init(struct world *world, const struct lane_limits *limits)
{
	*world = (struct world){.used = 0};
	lane_init(&world->lane, limits);
	world->lane.slots = 100;
	for (int i = 0; i < MESSAGES; i++) {
		list_init(&world->messages[i].entries);
		world->messages[i].name = (char)('a' + i);
	}
}

static struct destination *
destination(struct world *world, const char *name)
{
	return schedule_destination(
	    &world->lane, span_text(name), span_text(name));
}

/* `count` recipients of message `name` for the destination. */
static void
add(struct world *world, const char *where, enum schedule_age age, char name,
    int count)
{
	struct message *message = &world->messages[name - 'a'];

	for (int i = 0; i < count; i++) {
		struct item *item = &world->items[world->used++];

		list_init(&item->node);
		item->message = message;
		schedule_add(destination(world, where), age, message,
		    &message->entries, &item->node);
	}
}

/* Begins deliveries until none may begin; "a2 b1" = message and count. */
static const char *
begin_all(struct world *world, char *text, size_t size)
{
	struct choice choice;
	size_t len = 0;

	text[0] = '\0';
	while (schedule_next(&world->lane, &choice)) {
		struct list *node;
		uint32_t count = 0;

		while ((node = list_first(&choice.recipients)) != NULL) {
			assert_ptr_equal(
			    list_element(node, struct item, node)->message,
			    choice.message);
			list_remove(node);
			count++;
		}
		assert_int_equal(count, choice.count);
		len += (size_t)snprintf(text + len, size - len, "%s%c%u",
		    len > 0 ? " " : "", choice.message->name, count);
	}
	return text;
}

#define assert_begun(world, want)                                     \
	do {                                                          \
		char begun[512];                                      \
		assert_string_equal(                                  \
		    begin_all((world), begun, sizeof begun), (want)); \
	} while (0)

static void
finish(struct world *world, const char *where, enum schedule_age age,
    enum schedule_outcome outcome)
{
	assert_false(
	    schedule_finished(destination(world, where), age, outcome, 0));
}

/* Recipients of one message for one destination share deliveries; messages
 * take turns; the window bounds what runs. */
static void
test_turns(void **state UNUSED)
{
	struct world world;

	world_init(&world, &usual);
	add(&world, "x", AGE_FRESH, 'a', 6);
	add(&world, "x", AGE_FRESH, 'b', 1);
	assert_begun(&world, "a2 b1");
	finish(&world, "x", AGE_FRESH, SCHEDULE_NEUTRAL);
	assert_begun(&world, "a2");
	add(&world, "x", AGE_FRESH, 'c', 1);
	finish(&world, "x", AGE_FRESH, SCHEDULE_NEUTRAL);
	finish(&world, "x", AGE_FRESH, SCHEDULE_NEUTRAL);
	assert_begun(&world, "a2 c1");
	assert_true(list_is_empty(&world.messages[0].entries));
	lane_finish(&world.lane);
}

/* A busy destination does not hold up another. */
static void
test_destinations(void **state UNUSED)
{
	struct world world;

	world_init(&world, &usual);
	add(&world, "x", AGE_FRESH, 'a', 20);
	add(&world, "y", AGE_FRESH, 'b', 4);
	add(&world, "z", AGE_FRESH, 'c', 1);
	assert_begun(&world, "a2 b2 c1 a2 b2");
	lane_finish(&world.lane);
}

/* Each age gets its share while others wait, and what is left after that. */
static void
test_ages(void **state UNUSED)
{
	static const struct lane_limits wide = {
	    .recipients = 1,
	    .window = {.initial = 20, .maximum = 20, .cohorts = 1},
	    .suspension = SUSPENSION,
	};
	struct world world;

	world_init(&world, &wide);
	add(&world, "x", AGE_RETRY, 'b', 3);
	add(&world, "x", AGE_FRESH, 'a', 9);
	assert_begun(&world, "a1 a1 b1 a1 a1 a1 a1 b1 a1 a1 a1 b1");
	for (int i = 0; i < 9; i++)
		finish(&world, "x", AGE_FRESH, SCHEDULE_NEUTRAL);
	add(&world, "x", AGE_LIST, 'c', 5);
	add(&world, "x", AGE_FRESH, 'd', 5);
	add(&world, "x", AGE_RETRY, 'e', 2);
	assert_begun(&world, "d1 c1 d1 e1 d1 c1 d1 d1 c1 c1 e1 c1");
	lane_finish(&world.lane);
}

/* Retries leave a fifth of the slots to what may come. */
static void
test_reserve(void **state UNUSED)
{
	static const struct lane_limits wide = {
	    .recipients = 1,
	    .window = {.initial = 20, .maximum = 20, .cohorts = 1},
	    .suspension = SUSPENSION,
	};
	struct world world;

	world_init(&world, &wide);
	world.lane.slots = 5;
	add(&world, "x", AGE_RETRY, 'b', 9);
	assert_begun(&world, "b1 b1 b1 b1");
	add(&world, "x", AGE_FRESH, 'a', 1);
	assert_begun(&world, "a1");
	world.lane.slots = 1;
	for (int i = 0; i < 4; i++)
		finish(&world, "x", AGE_RETRY, SCHEDULE_NEUTRAL);
	assert_begun(&world, "b1");
	lane_finish(&world.lane);
}

static void
test_window_grows(void **state UNUSED)
{
	struct world world;

	world_init(&world, &usual);
	add(&world, "x", AGE_FRESH, 'a', 100);
	assert_begun(&world, "a2 a2");
	finish(&world, "x", AGE_FRESH, SCHEDULE_GOOD);
	assert_begun(&world, "a2 a2");
	finish(&world, "x", AGE_FRESH, SCHEDULE_GOOD);
	assert_begun(&world, "a2 a2");
	assert_int_equal(destination(&world, "x")->window.size, 4);
	finish(&world, "x", AGE_FRESH, SCHEDULE_GOOD);
	assert_begun(&world, "a2");
	lane_finish(&world.lane);
}

/* A window full of failures: dead, its mail is taken back, and after the
 * suspension it begins as new. */
static void
test_suspension(void **state UNUSED)
{
	struct world world;
	struct destination *x;
	struct list taken;
	int count = 0;

	world_init(&world, &usual);
	add(&world, "x", AGE_FRESH, 'a', 7);
	x = destination(&world, "x");
	assert_begun(&world, "a2 a2");
	assert_false(schedule_finished(x, AGE_FRESH, SCHEDULE_FAILED, 1000));
	assert_begun(&world, "");
	assert_true(schedule_finished(x, AGE_FRESH, SCHEDULE_FAILED, 2000));
	schedule_set_reason(x, SPAN("4.4.1 connection refused"));
	assert_true(schedule_is_suspended(x, 2000));
	list_init(&taken);
	assert_ptr_equal(schedule_take_first(x, &taken), &world.messages[0]);
	assert_null(schedule_take_first(x, &taken));
	list_foreach (node, &taken)
		count++;
	assert_int_equal(count, 3);
	assert_true(schedule_is_suspended(x, 2000 + SUSPENSION - 1));
	schedule_sweep(&world.lane, 2000 + SUSPENSION - 1);
	assert_ptr_equal(destination(&world, "x"), x);
	assert_false(schedule_is_suspended(x, 2000 + SUSPENSION));
	add(&world, "x", AGE_RETRY, 'b', 5);
	assert_begun(&world, "b2 b2");
	lane_finish(&world.lane);
}

/* One failure is not a window full; a success forgets it. */
static void
test_failures_between_successes(void **state UNUSED)
{
	struct world world;
	struct destination *x;

	world_init(&world, &usual);
	add(&world, "x", AGE_FRESH, 'a', 100);
	x = destination(&world, "x");
	for (int i = 0; i < 10; i++) {
		char begun[64];

		begin_all(&world, begun, sizeof begun);
		assert_false(
		    schedule_finished(x, AGE_FRESH, SCHEDULE_FAILED, 0));
		begin_all(&world, begun, sizeof begun);
		assert_false(schedule_finished(x, AGE_FRESH, SCHEDULE_GOOD, 0));
	}
	lane_finish(&world.lane);
}

static void
test_take(void **state UNUSED)
{
	struct world world;
	struct list taken;
	struct list *entries;

	world_init(&world, &usual);
	add(&world, "x", AGE_FRESH, 'a', 1);
	add(&world, "y", AGE_FRESH, 'a', 1);
	add(&world, "x", AGE_FRESH, 'b', 1);
	list_init(&taken);
	entries = &world.messages[0].entries;
	while (!list_is_empty(entries))
		schedule_take(
		    list_element(list_first(entries), struct entry, of_message),
		    &taken);
	assert_begun(&world, "b1");
	lane_finish(&world.lane);
}

/* Destinations that nothing holds are not kept. */
static void
test_memory(void **state UNUSED)
{
	struct world world;

	world_init(&world, &usual);
	add(&world, "x", AGE_FRESH, 'a', 1);
	assert_begun(&world, "a1");
	finish(&world, "x", AGE_FRESH, SCHEDULE_GOOD);
	add(&world, "x", AGE_FRESH, 'b', 1);
	assert_begun(&world, "b1");
	schedule_forgive(destination(&world, "x"));
	finish(&world, "x", AGE_FRESH, SCHEDULE_FAILED);
	assert_true(destination(&world, "x")->window.failed > 0);
	schedule_forgive(destination(&world, "x"));
	schedule_sweep(&world.lane, 0);
	assert_true(destination(&world, "x")->window.failed == 0);
	lane_finish(&world.lane);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_turns),
	    cmocka_unit_test(test_destinations),
	    cmocka_unit_test(test_ages),
	    cmocka_unit_test(test_reserve),
	    cmocka_unit_test(test_window_grows),
	    cmocka_unit_test(test_suspension),
	    cmocka_unit_test(test_failures_between_successes),
	    cmocka_unit_test(test_take),
	    cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
