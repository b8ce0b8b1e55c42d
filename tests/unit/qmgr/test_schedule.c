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
	int64_t now;
};

/* One step for each delivery. */
#define WHOLE .positive = {.number = 1}, .negative = {.number = 1}

static const struct lane_limits usual = {
    .recipients = 2,
    .window = {.initial = 2, .maximum = 4, .cohorts = 1, WHOLE},
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
	while (schedule_next(&world->lane, world->now, &choice)) {
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
	assert_false(schedule_finished(
	    destination(world, where), age, outcome, world->now));
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
	    .window = {.initial = 20, .maximum = 20, .cohorts = 1, WHOLE},
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
	assert_begun(&world, "d1 c1 d1 e1 d1 c1 d1 d1 c1 e1 c1 c1");
	lane_finish(&world.lane);
}

/* Retries leave a fifth of the slots to what may come. */
static void
test_reserve(void **state UNUSED)
{
	static const struct lane_limits wide = {
	    .recipients = 1,
	    .window = {.initial = 20, .maximum = 20, .cohorts = 1, WHOLE},
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

/* A narrow window is shared by the ages too: none is always the one that goes
 * when there is room. */
static void
test_ages_in_a_narrow_window(void **state UNUSED)
{
	static const struct lane_limits narrow = {
	    .recipients = 1,
	    .window = {.initial = 1, .maximum = 1, .cohorts = 1, WHOLE},
	    .suspension = SUSPENSION,
	};
	struct world world;
	char order[64] = "";

	world_init(&world, &narrow);
	add(&world, "x", AGE_RETRY, 'c', 10);
	add(&world, "x", AGE_LIST, 'b', 10);
	add(&world, "x", AGE_FRESH, 'a', 20);
	for (int i = 0; i < 14; i++) {
		struct choice choice;

		assert_true(schedule_next(&world.lane, 0, &choice));
		assert_false(schedule_next(&world.lane, 0, &choice));
		order[i] = choice.message->name;
		finish(&world, "x", choice.age, SCHEDULE_GOOD);
	}
	assert_string_equal(order, "abacabaabacaba");
	lane_finish(&world.lane);
}

/* After a delivery's end its destination rests; others do not mind. */
static void
test_destination_delay(void **state UNUSED)
{
	static const struct lane_limits slow = {
	    .recipients = 2,
	    .window = {.initial = 5, .maximum = 20, .cohorts = 1, WHOLE},
	    .suspension = SUSPENSION,
	    .destination_delay = 1000,
	};
	struct world world;

	world_init(&world, &slow);
	add(&world, "x", AGE_FRESH, 'a', 5);
	add(&world, "y", AGE_FRESH, 'b', 1);
	assert_begun(&world, "a2 b1");
	assert_int_equal(schedule_next_time(&world.lane, 0), SCHEDULE_NEVER);
	world.now = 500;
	finish(&world, "x", AGE_FRESH, SCHEDULE_GOOD);
	assert_begun(&world, "");
	assert_int_equal(schedule_next_time(&world.lane, 500), 1500);
	world.now = 1499;
	assert_begun(&world, "");
	world.now = 1500;
	assert_int_equal(schedule_next_time(&world.lane, 1500), 1500);
	assert_begun(&world, "a2");
	assert_int_equal(schedule_next_time(&world.lane, 1500), SCHEDULE_NEVER);
	finish(&world, "y", AGE_FRESH, SCHEDULE_GOOD);
	add(&world, "y", AGE_FRESH, 'b', 1);
	assert_begun(&world, "");
	world.now = 2500;
	assert_begun(&world, "b1");
	lane_finish(&world.lane);
}

/* A destination that nobody wants is kept while it rests, not longer. */
static void
test_rest_is_remembered(void **state UNUSED)
{
	static const struct lane_limits slow = {
	    .recipients = 2,
	    .window = {.initial = 5, .maximum = 20, .cohorts = 1, WHOLE},
	    .suspension = SUSPENSION,
	    .destination_delay = 1000,
	};
	struct world world;

	world_init(&world, &slow);
	add(&world, "x", AGE_FRESH, 'a', 1);
	assert_begun(&world, "a1");
	finish(&world, "x", AGE_FRESH, SCHEDULE_GOOD);
	schedule_sweep(&world.lane, 999);
	assert_non_null(schedule_find(&world.lane, SPAN("x")));
	world.now = schedule_next_time(&world.lane, 0);
	assert_int_equal(world.now, 1000);
	assert_begun(&world, "");
	assert_null(schedule_find(&world.lane, SPAN("x")));
	assert_int_equal(schedule_next_time(&world.lane, 1000), SCHEDULE_NEVER);
	lane_finish(&world.lane);
}

/* After a delivery's beginning the transport begins no other. */
static void
test_transport_delay(void **state UNUSED)
{
	static const struct lane_limits slow = {
	    .recipients = 2,
	    .window = {.initial = 5, .maximum = 20, .cohorts = 1, WHOLE},
	    .suspension = SUSPENSION,
	    .transport_delay = 1000,
	};
	struct world world;

	world_init(&world, &slow);
	add(&world, "x", AGE_FRESH, 'a', 3);
	add(&world, "y", AGE_FRESH, 'b', 1);
	assert_begun(&world, "a2");
	assert_int_equal(schedule_next_time(&world.lane, 0), 1000);
	world.now = 700;
	finish(&world, "x", AGE_FRESH, SCHEDULE_GOOD);
	assert_begun(&world, "");
	world.now = 1000;
	assert_begun(&world, "b1");
	world.now = 2100;
	assert_begun(&world, "a1");
	assert_int_equal(schedule_next_time(&world.lane, 2100), SCHEDULE_NEVER);
	lane_finish(&world.lane);
}

#define assert_hold(world, where, age, want_wait, want_until)            \
	do {                                                             \
		struct schedule_hold hold = schedule_explain(            \
		    destination((world), (where)), (age), (world)->now); \
		assert_int_equal(hold.wait, (want_wait));                \
		assert_int_equal(hold.until, (want_until));              \
	} while (0)

static void
test_explain(void **state UNUSED)
{
	struct lane_limits limits = usual;
	struct world world;

	world_init(&world, &limits);
	world.lane.slots = 0;
	add(&world, "x", AGE_RETRY, 'a', 8);
	assert_hold(&world, "x", AGE_RETRY, SCHEDULE_WAITS_SLOT, 0);
	world.lane.slots = 3;
	assert_hold(&world, "x", AGE_RETRY, SCHEDULE_WAITS_TURN, 0);
	assert_begun(&world, "a2 a2");
	assert_hold(&world, "x", AGE_RETRY, SCHEDULE_WAITS_WINDOW, 0);
	add(&world, "y", AGE_RETRY, 'b', 2);
	add(&world, "y", AGE_FRESH, 'c', 2);
	assert_hold(&world, "y", AGE_RETRY, SCHEDULE_WAITS_SHARE, 0);
	assert_hold(&world, "y", AGE_FRESH, SCHEDULE_WAITS_TURN, 0);
	assert_begun(&world, "c2");
	assert_hold(&world, "y", AGE_FRESH, SCHEDULE_WAITS_SLOT, 0);
	world.now = 10;
	assert_false(schedule_finished(
	    destination(&world, "x"), AGE_RETRY, SCHEDULE_FAILED, 10));
	assert_true(schedule_finished(
	    destination(&world, "x"), AGE_RETRY, SCHEDULE_FAILED, 10));
	assert_hold(
	    &world, "x", AGE_RETRY, SCHEDULE_WAITS_SUSPENSION, 10 + SUSPENSION);
	lane_finish(&world.lane);
	limits.destination_delay = 1000;
	limits.transport_delay = 100;
	world_init(&world, &limits);
	add(&world, "x", AGE_FRESH, 'a', 4);
	assert_begun(&world, "a2");
	finish(&world, "x", AGE_FRESH, SCHEDULE_GOOD);
	add(&world, "y", AGE_FRESH, 'b', 2);
	assert_hold(
	    &world, "x", AGE_FRESH, SCHEDULE_WAITS_DESTINATION_DELAY, 1000);
	assert_hold(
	    &world, "y", AGE_FRESH, SCHEDULE_WAITS_TRANSPORT_DELAY, 100);
	lane_finish(&world.lane);
}

/* What was under way to a dead destination still counts. */
static void
test_revival(void **state UNUSED)
{
	struct world world;
	struct destination *x;

	world_init(&world, &usual);
	add(&world, "x", AGE_FRESH, 'a', 4);
	assert_begun(&world, "a2 a2");
	x = destination(&world, "x");
	schedule_forgive(x);
	x->window.size = 1;
	assert_true(schedule_finished(x, AGE_FRESH, SCHEDULE_FAILED, 0));
	assert_true(schedule_is_suspended(x, 1));
	add(&world, "x", AGE_FRESH, 'b', 2);
	assert_false(schedule_finished(x, AGE_FRESH, SCHEDULE_GOOD, 1));
	assert_false(schedule_is_suspended(x, 1));
	assert_int_equal(x->window.size, usual.window.initial);
	assert_begun(&world, "b2");
	lane_finish(&world.lane);
}

/* A few failures are not held against a destination for ever. */
static void
test_failures_are_forgotten(void **state UNUSED)
{
	struct world world;

	world_init(&world, &usual);
	add(&world, "x", AGE_FRESH, 'a', 1);
	assert_begun(&world, "a1");
	finish(&world, "x", AGE_FRESH, SCHEDULE_FAILED);
	schedule_sweep(&world.lane, SUSPENSION - 1);
	assert_non_null(schedule_find(&world.lane, SPAN("x")));
	schedule_sweep(&world.lane, SUSPENSION);
	assert_null(schedule_find(&world.lane, SPAN("x")));
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
	    cmocka_unit_test(test_ages_in_a_narrow_window),
	    cmocka_unit_test(test_destination_delay),
	    cmocka_unit_test(test_rest_is_remembered),
	    cmocka_unit_test(test_transport_delay),
	    cmocka_unit_test(test_explain),
	    cmocka_unit_test(test_revival),
	    cmocka_unit_test(test_failures_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
