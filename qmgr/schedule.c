/* SPDX-License-Identifier: MIT */
#include "qmgr/schedule.h"

#include "lib/base/hash.h"
#include "lib/base/memory.h"

enum {
	SHARE_OF_RETRIES = 4, /* of the slots */
	SHARE_OF_ALL = 5
};

/* Of the deliveries while all ages wait. */
static const int shares[AGE_COUNT] = {
    [AGE_FRESH] = 4,
    [AGE_LIST] = 2,
    [AGE_RETRY] = 1,
};

void
lane_init(struct lane *lane, const struct lane_limits *limits)
{
	*lane = (struct lane){.limits = *limits, .destinations = hash_create()};
	for (int age = 0; age < AGE_COUNT; age++)
		list_init(&lane->ready[age]);
}

static void
move_all(struct list *from, struct list *to)
{
	struct list *node;

	while ((node = list_first(from)) != NULL) {
		list_remove(node);
		list_add_last(to, node);
	}
}

/* Keeps the lane's lists of ready destinations true. */
static void
refresh(struct destination *destination)
{
	bool room = concurrency_has_room(&destination->window);

	for (int age = 0; age < AGE_COUNT; age++) {
		struct list *node = &destination->ready[age];
		bool waits = !list_is_empty(&destination->entries[age]);

		if (!room || !waits)
			list_remove(node);
		else if (list_is_empty(node))
			list_add_last(&destination->lane->ready[age], node);
	}
}

static void
free_destination(struct destination *destination)
{
	for (int age = 0; age < AGE_COUNT; age++)
		list_remove(&destination->ready[age]);
	free(destination);
}

void
lane_finish(struct lane *lane)
{
	struct hash_cursor cursor = {0};
	struct destination *destination;
	struct list recipients;

	list_init(&recipients);
	while ((destination = hash_next(lane->destinations, &cursor, NULL)) !=
	    NULL) {
		while (schedule_take_first(destination, &recipients) != NULL)
			;
		free_destination(destination);
	}
	hash_destroy(lane->destinations);
}

static struct destination *
create_destination(struct lane *lane, struct span key, struct span next_hop)
{
	struct destination *destination =
	    memory_zero(sizeof *destination + key.len + next_hop.len);
	char *text = destination->text;

	span_copy(text, key);
	span_copy(text + key.len, next_hop);
	destination->key = span_of(text, key.len);
	destination->next_hop = span_of(text + key.len, next_hop.len);
	destination->lane = lane;
	concurrency_init(&destination->window, &lane->limits.window);
	for (int age = 0; age < AGE_COUNT; age++) {
		list_init(&destination->ready[age]);
		list_init(&destination->entries[age]);
	}
	return destination;
}

struct destination *
schedule_destination(struct lane *lane, struct span key, struct span next_hop)
{
	struct destination *destination = hash_get(lane->destinations, key);

	if (destination == NULL) {
		destination = create_destination(lane, key, next_hop);
		hash_put(lane->destinations, key, destination);
	}
	return destination;
}

void
schedule_forgive(struct destination *destination)
{
	uint32_t busy = destination->window.busy;

	destination->suspended_until = 0;
	concurrency_init(
	    &destination->window, &destination->lane->limits.window);
	destination->window.busy = busy;
	refresh(destination);
}

bool
schedule_is_suspended(struct destination *destination, int64_t now)
{
	if (destination->suspended_until == 0)
		return false;
	if (destination->suspended_until > now)
		return true;
	schedule_forgive(destination);
	return false;
}

void
schedule_set_reason(struct destination *destination, struct span reason)
{
	snprintf(destination->reason, sizeof destination->reason, "%.*s",
	    SPAN_ARGS(reason));
}

static bool
is_held(struct destination *destination, int64_t now)
{
	for (int age = 0; age < AGE_COUNT; age++)
		if (!list_is_empty(&destination->entries[age]))
			return true;
	return schedule_is_suspended(destination, now) ||
	    !concurrency_is_fresh(
		&destination->window, &destination->lane->limits.window);
}

static void
remove_destination(struct destination *destination)
{
	hash_remove(destination->lane->destinations, destination->key);
	free_destination(destination);
}

void
schedule_sweep(struct lane *lane, int64_t now)
{
	struct hash_cursor cursor = {0};
	struct destination *destination;

	while ((destination = hash_next(lane->destinations, &cursor, NULL)) !=
	    NULL)
		if (!is_held(destination, now))
			remove_destination(destination);
}

static struct entry *
create_entry(struct destination *destination, enum schedule_age age,
    struct message *message, struct list *of_message)
{
	struct entry *entry = memory_alloc(sizeof *entry);

	*entry = (struct entry){
	    .destination = destination, .message = message, .age = age};
	list_init(&entry->recipients);
	list_init(&entry->of_message);
	list_add_last(&destination->entries[age], &entry->node);
	list_add_last(of_message, &entry->of_message);
	destination->newest = entry;
	return entry;
}

void
schedule_add(struct destination *destination, enum schedule_age age,
    struct message *message, struct list *of_message, struct list *recipient)
{
	struct entry *entry = destination->newest;

	if (entry == NULL || entry->message != message || entry->age != age)
		entry = create_entry(destination, age, message, of_message);
	list_add_last(&entry->recipients, recipient);
	refresh(destination);
}

static void
free_entry(struct entry *entry)
{
	if (entry->destination->newest == entry)
		entry->destination->newest = NULL;
	list_remove(&entry->node);
	list_remove(&entry->of_message);
	free(entry);
}

void
schedule_take(struct entry *entry, struct list *recipients)
{
	struct destination *destination = entry->destination;

	move_all(&entry->recipients, recipients);
	free_entry(entry);
	refresh(destination);
}

struct message *
schedule_take_first(struct destination *destination, struct list *recipients)
{
	for (int age = 0; age < AGE_COUNT; age++) {
		struct list *node = list_first(&destination->entries[age]);
		struct message *message;

		if (node == NULL)
			continue;
		message = list_element(node, struct entry, node)->message;
		schedule_take(
		    list_element(node, struct entry, node), recipients);
		return message;
	}
	return NULL;
}

/* Retries leave slots to fresh mail that may come. */
static bool
retries_may_begin(const struct lane *lane)
{
	uint32_t share = lane->slots * SHARE_OF_RETRIES / SHARE_OF_ALL;

	return lane->busy[AGE_RETRY] < (share > 0 ? share : 1);
}

static bool
may_begin(const struct lane *lane, int age)
{
	return !list_is_empty(&lane->ready[age]) &&
	    (age != AGE_RETRY || retries_may_begin(lane));
}

/* Every age that waits earns its share, the richest one pays for all: over time
 * each gets its share, evenly spread. */
static enum schedule_age
choose_age(struct lane *lane)
{
	int best = AGE_COUNT;
	int total = 0;

	for (int age = 0; age < AGE_COUNT; age++) {
		if (!may_begin(lane, age)) {
			lane->credit[age] = 0;
			continue;
		}
		lane->credit[age] += shares[age];
		total += shares[age];
		if (best == AGE_COUNT || lane->credit[age] > lane->credit[best])
			best = age;
	}
	if (best != AGE_COUNT)
		lane->credit[best] -= total;
	return (enum schedule_age)best;
}

static void
take_recipients(struct entry *entry, uint32_t maximum, struct choice *choice)
{
	struct list *node;

	while (choice->count < maximum &&
	    (node = list_first(&entry->recipients)) != NULL) {
		list_remove(node);
		list_add_last(&choice->recipients, node);
		choice->count++;
	}
}

/* The entry that was served goes behind the others of its destination. */
static void
serve_entry(struct destination *destination, struct choice *choice)
{
	struct list *entries = &destination->entries[choice->age];
	struct entry *entry =
	    list_element(list_first(entries), struct entry, node);

	choice->message = entry->message;
	take_recipients(entry, destination->lane->limits.recipients, choice);
	if (list_is_empty(&entry->recipients)) {
		free_entry(entry);
	} else {
		list_remove(&entry->node);
		list_add_last(entries, &entry->node);
	}
}

bool
schedule_next(struct lane *lane, struct choice *choice)
{
	enum schedule_age age = choose_age(lane);
	struct destination *destination;
	struct list *node;

	if (age == AGE_COUNT)
		return false;
	node = list_first(&lane->ready[age]);
	destination = list_element(node - age, struct destination, ready);
	*choice = (struct choice){.destination = destination, .age = age};
	list_init(&choice->recipients);
	serve_entry(destination, choice);
	concurrency_begin(&destination->window);
	list_remove(node);
	refresh(destination);
	lane->busy[age]++;
	return true;
}

bool
schedule_finished(struct destination *destination, enum schedule_age age,
    enum schedule_outcome outcome, int64_t now)
{
	struct lane *lane = destination->lane;
	const struct concurrency_limits *limits = &lane->limits.window;
	bool dead = false;

	must(lane->busy[age] > 0);
	lane->busy[age]--;
	if (outcome == SCHEDULE_GOOD)
		concurrency_success(&destination->window, limits);
	else if (outcome == SCHEDULE_FAILED)
		dead = concurrency_failure(&destination->window, limits);
	else
		concurrency_neutral(&destination->window);
	refresh(destination);
	if (dead)
		destination->suspended_until = now + lane->limits.suspension;
	else if (!is_held(destination, now))
		remove_destination(destination);
	return dead;
}
