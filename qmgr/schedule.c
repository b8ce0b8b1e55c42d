/* SPDX-License-Identifier: MIT */
#include "qmgr/schedule.h"

#include "lib/base/hash.h"
#include "lib/base/memory.h"

enum {
	SHARE_OF_RETRIES = 4, /* of the slots */
	SHARE_OF_ALL = 5
};

void
lane_init(struct lane *lane, const struct lane_limits *limits)
{
	*lane = (struct lane){.limits = *limits, .destinations = hash_create()};
	for (int age = 0; age < AGE_COUNT; age++)
		list_init(&lane->ready[age]);
	list_init(&lane->resting);
	if (limits->destination_delay > 0)
		lane->limits.window.maximum = 1;
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

static bool
is_resting(const struct destination *destination)
{
	return !list_is_empty(&destination->resting);
}

static bool
has_mail(const struct destination *destination)
{
	for (int age = 0; age < AGE_COUNT; age++)
		if (!list_is_empty(&destination->entries[age]))
			return true;
	return false;
}

/* Keeps the lane's lists of ready destinations true. */
static void
refresh(struct destination *destination)
{
	bool may_begin = concurrency_has_room(&destination->window) &&
	    !is_resting(destination);

	for (int age = 0; age < AGE_COUNT; age++) {
		struct list *node = &destination->ready[age];
		bool waits = !list_is_empty(&destination->entries[age]);

		if (!may_begin || !waits)
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
	list_remove(&destination->resting);
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
	list_init(&destination->resting);
	for (int age = 0; age < AGE_COUNT; age++) {
		list_init(&destination->ready[age]);
		list_init(&destination->entries[age]);
	}
	return destination;
}

struct destination *
schedule_find(const struct lane *lane, struct span key)
{
	return hash_get(lane->destinations, key);
}

struct destination *
schedule_destination(struct lane *lane, struct span key, struct span next_hop)
{
	struct destination *destination = schedule_find(lane, key);

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
is_in_use(struct destination *destination, int64_t now)
{
	return has_mail(destination) || is_resting(destination) ||
	    destination->window.busy > 0 ||
	    schedule_is_suspended(destination, now);
}

static bool
is_held(struct destination *destination, int64_t now)
{
	return is_in_use(destination, now) ||
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
		if (!is_in_use(destination, now) &&
		    (now - destination->finished >= lane->limits.suspension ||
			!is_held(destination, now)))
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

/* ---- the choice ---- */

/* Retries leave slots to fresh mail that may come. */
static bool
retries_may_begin(const struct lane *lane)
{
	uint32_t share = lane->slots * SHARE_OF_RETRIES / SHARE_OF_ALL;

	return lane->busy[AGE_RETRY] < (share > 0 ? share : 1);
}

/* Which of the lists of a lane or destination have something that may begin;
 * false when none. */
static bool
find_ages(const struct lane *lane, const struct list lists[AGE_COUNT],
    bool may[AGE_COUNT])
{
	bool any = false;

	for (int age = 0; age < AGE_COUNT; age++) {
		may[age] = !list_is_empty(&lists[age]) &&
		    (age != AGE_RETRY || retries_may_begin(lane));
		any = any || may[age];
	}
	return any;
}

bool
schedule_is_waiting(const struct lane *lane)
{
	for (int age = 0; age < AGE_COUNT; age++)
		if (!list_is_empty(&lane->ready[age]))
			return true;
	return false;
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

/* The destination goes behind the others in all its lists. */
static void
begin(struct destination *destination, struct choice *choice, int64_t now)
{
	struct lane *lane = destination->lane;

	for (int age = 0; age < AGE_COUNT; age++)
		list_remove(&destination->ready[age]);
	concurrency_begin(&destination->window);
	refresh(destination);
	lane->busy[choice->age]++;
	lane->resting_until = now + lane->limits.transport_delay;
}

static void
end_rests(struct lane *lane, int64_t now)
{
	struct list *node;

	while ((node = list_first(&lane->resting)) != NULL) {
		struct destination *destination =
		    list_element(node, struct destination, resting);

		if (destination->resting_until > now)
			return;
		list_remove(node);
		refresh(destination);
		if (!is_held(destination, now))
			remove_destination(destination);
	}
}

/* The lane's share says which destination goes, the destination's own share
 * which of its mail: where a window is narrow, whoever is first in the lane's
 * list would otherwise always be of the same age. The lane's turn is paid by
 * the age that got it: an age that paid for what destinations choose would get
 * no turns for those that have nothing else. */
bool
schedule_next(struct lane *lane, int64_t now, struct choice *choice)
{
	bool of_lane[AGE_COUNT];
	bool of_destination[AGE_COUNT];
	struct destination *destination;
	enum schedule_age age;

	end_rests(lane, now);
	if (lane->resting_until > now || !find_ages(lane, lane->ready, of_lane))
		return false;
	age = share_choose(&lane->share, of_lane);
	share_pay(&lane->share, of_lane, age);
	destination = list_element(
	    list_first(&lane->ready[age]) - age, struct destination, ready);
	must(find_ages(lane, destination->entries, of_destination));
	age = share_choose(&destination->share, of_destination);
	share_pay(&destination->share, of_destination, age);
	*choice = (struct choice){.destination = destination, .age = age};
	list_init(&choice->recipients);
	serve_entry(destination, choice);
	begin(destination, choice, now);
	return true;
}

int64_t
schedule_next_time(const struct lane *lane, int64_t now)
{
	struct list *node = list_first(&lane->resting);
	bool may[AGE_COUNT];
	int64_t time = SCHEDULE_NEVER;

	if (find_ages(lane, lane->ready, may))
		time = now;
	else if (node != NULL)
		time = list_element(node, struct destination, resting)
			   ->resting_until;
	if (time != SCHEDULE_NEVER && time < lane->resting_until)
		time = lane->resting_until;
	return time > now ? time : now;
}

/* A destination that rested already is put behind those that do. */
static void
rest(struct destination *destination, int64_t now)
{
	struct lane *lane = destination->lane;

	if (lane->limits.destination_delay == 0)
		return;
	destination->resting_until = now + lane->limits.destination_delay;
	list_remove(&destination->resting);
	list_add_last(&lane->resting, &destination->resting);
}

/* True when the destination is dead from now on. One that is already stays so
 * until its time is over, or something gets through. */
static bool
learn(
    struct destination *destination, enum schedule_outcome outcome, int64_t now)
{
	const struct concurrency_limits *limits =
	    &destination->lane->limits.window;
	bool was_dead = schedule_is_suspended(destination, now);

	if (outcome == SCHEDULE_GOOD)
		concurrency_success(&destination->window, limits);
	else if (outcome == SCHEDULE_FAILED && !was_dead)
		return concurrency_failure(&destination->window, limits);
	else
		concurrency_neutral(&destination->window);
	if (was_dead && outcome == SCHEDULE_GOOD)
		schedule_forgive(destination);
	return false;
}

bool
schedule_finished(struct destination *destination, enum schedule_age age,
    enum schedule_outcome outcome, int64_t now)
{
	struct lane *lane = destination->lane;
	bool dead;

	must(lane->busy[age] > 0);
	lane->busy[age]--;
	dead = learn(destination, outcome, now);
	destination->finished = now;
	rest(destination, now);
	refresh(destination);
	if (dead)
		destination->suspended_until = now + lane->limits.suspension;
	else if (!is_held(destination, now))
		remove_destination(destination);
	return dead;
}

/* ---- questions ---- */

static bool
has_free_slot(const struct lane *lane)
{
	uint32_t busy = 0;

	for (int age = 0; age < AGE_COUNT; age++)
		busy += lane->busy[age];
	return busy < lane->slots;
}

struct schedule_hold
schedule_explain(
    const struct destination *destination, enum schedule_age age, int64_t now)
{
	const struct lane *lane = destination->lane;

	if (destination->suspended_until > now)
		return (struct schedule_hold){
		    SCHEDULE_WAITS_SUSPENSION, destination->suspended_until};
	if (is_resting(destination) && destination->resting_until > now)
		return (struct schedule_hold){SCHEDULE_WAITS_DESTINATION_DELAY,
		    destination->resting_until};
	if (!concurrency_has_room(&destination->window))
		return (struct schedule_hold){SCHEDULE_WAITS_WINDOW, 0};
	if (lane->resting_until > now)
		return (struct schedule_hold){
		    SCHEDULE_WAITS_TRANSPORT_DELAY, lane->resting_until};
	if (!has_free_slot(lane))
		return (struct schedule_hold){SCHEDULE_WAITS_SLOT, 0};
	if (age == AGE_RETRY && !retries_may_begin(lane))
		return (struct schedule_hold){SCHEDULE_WAITS_SHARE, 0};
	return (struct schedule_hold){SCHEDULE_WAITS_TURN, 0};
}
