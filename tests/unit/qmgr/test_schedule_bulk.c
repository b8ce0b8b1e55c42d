/* SPDX-License-Identifier: MIT */
/* A list of 100,000 recipients and 1,000 letters, on simulated time: half of
 * the letters go where the list goes, the others to a hundred destinations.
 * Recipients of the list are added as message.c reads them, a slice when half
 * of the last one is done. */
#include "../unit.h"
#include "qmgr/schedule.h"

enum {
	LIST = 100000,
	SLICE = 1000,
	LETTERS = 1000,
	SITES = 100,
	SLOTS = 20,
	PER_DELIVERY = 50,
	LETTER_EVERY = 10, /* milliseconds */
	DURATION = 100,    /* of a delivery */
	/* Deliveries of the list that may begin while a letter waits: two of
	 * three go to letters, and the window may be full when it comes. */
	OVERTAKEN = 4,
	/* A letter to another site waits for a slot at most. */
	PATIENCE = DURATION
};

struct message {
	struct list entries;
	struct list node;
	int64_t added;
	uint64_t list_begun; /* deliveries of the list before it came */
	bool is_elsewhere;
};

struct flight {
	struct destination *destination;
	enum schedule_age age;
	uint32_t list_recipients;
	int64_t ends;
};

static struct {
	struct lane lane;
	struct message list;
	struct list nodes[LIST];
	struct message letters[LETTERS];
	struct flight flights[SLOTS];
	int flight_count;
	int letter_count;
	int letters_begun;
	uint32_t list_read;
	uint32_t list_done;
	uint64_t list_begun;
	uint64_t worst;
	int64_t now;
} world;

static struct destination *
site(const char *name)
{
	return schedule_destination(
	    &world.lane, span_text(name), span_text(name));
}

static void
read_slice(void)
{
	while (world.list_read < LIST &&
	    world.list_read - world.list_done <= SLICE / 2) {
		for (int i = 0; i < SLICE; i++) {
			list_init(&world.nodes[world.list_read]);
			schedule_add(site("list"), AGE_LIST, &world.list,
			    &world.list.entries,
			    &world.nodes[world.list_read++]);
		}
	}
}

static void
add_letter(void)
{
	struct message *letter = &world.letters[world.letter_count];
	char name[16];

	list_init(&letter->entries);
	list_init(&letter->node);
	letter->added = world.now;
	letter->list_begun = world.list_begun;
	letter->is_elsewhere = world.letter_count % 2 != 0;
	snprintf(name, sizeof name, "site%d", world.letter_count % SITES);
	schedule_add(site(letter->is_elsewhere ? name : "list"), AGE_FRESH,
	    letter, &letter->entries, &letter->node);
	world.letter_count++;
}

static void
note_letter(const struct message *letter)
{
	uint64_t overtaken = world.list_begun - letter->list_begun;

	world.letters_begun++;
	if (overtaken > world.worst)
		world.worst = overtaken;
	if (letter->is_elsewhere)
		assert_true(world.now - letter->added <= PATIENCE);
	else
		assert_true(overtaken <= OVERTAKEN);
}

static void
begin_all(void)
{
	struct choice choice;

	while (world.flight_count < SLOTS &&
	    schedule_next(&world.lane, world.now, &choice)) {
		bool is_list = choice.message == &world.list;

		if (is_list)
			world.list_begun++;
		else
			note_letter(choice.message);
		world.flights[world.flight_count++] = (struct flight){
		    .destination = choice.destination,
		    .age = choice.age,
		    .list_recipients = is_list ? choice.count : 0,
		    .ends = world.now + DURATION,
		};
		while (!list_is_empty(&choice.recipients))
			list_remove(list_first(&choice.recipients));
	}
}

static void
end_due(void)
{
	for (int i = 0; i < world.flight_count;) {
		struct flight flight = world.flights[i];

		if (flight.ends > world.now) {
			i++;
			continue;
		}
		world.flights[i] = world.flights[--world.flight_count];
		world.list_done += flight.list_recipients;
		assert_false(schedule_finished(
		    flight.destination, flight.age, SCHEDULE_GOOD, world.now));
	}
}

static void
test_letters_and_a_list(void **state UNUSED)
{
	static const struct lane_limits limits = {
	    .recipients = PER_DELIVERY,
	    .window =
		{
		    .initial = 5,
		    .maximum = 20,
		    .cohorts = 1,
		    .positive = {.number = 1},
		    .negative = {.number = 1},
		},
	    .suspension = 300000,
	};

	lane_init(&world.lane, &limits);
	world.lane.slots = SLOTS;
	list_init(&world.list.entries);
	for (world.now = 0; world.list_done < LIST; world.now++) {
		end_due();
		read_slice();
		if (world.now % LETTER_EVERY == 0 &&
		    world.letter_count < LETTERS)
			add_letter();
		begin_all();
		/* Nothing is left undone while there is a slot. */
		assert_true(world.flight_count == SLOTS ||
		    schedule_next_time(&world.lane, world.now) ==
			SCHEDULE_NEVER);
	}
	print_message("the list took %lld s; a letter went after %llu of its "
		      "deliveries at most\n",
	    (long long)world.now / 1000, (unsigned long long)world.worst);
	assert_int_equal(world.letters_begun, LETTERS);
	/* The slots were the limit, all the time. */
	assert_true(world.now <=
	    (LIST / PER_DELIVERY + LETTERS) * DURATION / SLOTS + 5 * DURATION);
	lane_finish(&world.lane);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_letters_and_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
