/* SPDX-License-Identifier: MIT */
#include "qmgr/message.h"

#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/base/memory.h"

#include "qmgr/params.h"

enum {
	BATCH_MAXIMUM = 16 << 20, /* bytes; a slice of longest addresses fits */
	OPEN_LOW = MESSAGE_SLICE / 2,
	RESERVED_PARTS = 5 /* one of them is kept free for fresh mail */
};

/* The process has one table of messages. */
static struct {
	struct hash *by_id;
	struct message_events events;
	size_t recipients;
	struct loop_signal room;
} messages;

void
message_open(const struct message_events *events)
{
	messages.by_id = hash_create();
	messages.events = *events;
}

struct message *
message_create(
    const struct locator *locator, struct span sender, enum schedule_age age)
{
	struct message *message = memory_zero(sizeof *message + sender.len + 1);

	message->locator = *locator;
	message->age = age;
	message->activated = clock_wall();
	message->is_loading = true;
	message->sender_len = sender.len;
	span_copy(message->sender, sender);
	turn_init(&message->turn);
	list_init(&message->batches);
	list_init(&message->entries);
	list_init(&message->decided);
	list_init(&message->held);
	list_init(&message->deciding);
	list_init(&message->unsynced);
	must(hash_put(messages.by_id, message_id(message), message) == NULL);
	return message;
}

static void
free_if_unused(struct message *message)
{
	if (message->dead && message->users == 0)
		free(message);
}

static void
free_batch(struct batch *batch)
{
	messages.recipients -= batch->count;
	list_remove(&batch->node);
	pool_destroy(batch->pool);
	loop_signal_raise(&messages.room);
}

void
message_destroy(struct message *message)
{
	must(!message->dead && message->open == 0);
	must(list_is_empty(&message->entries));
	list_foreach_safe (node, &message->batches)
		free_batch(list_element(node, struct batch, node));
	list_remove(&message->unsynced);
	list_remove(&message->deciding);
	hash_remove(messages.by_id, message_id(message));
	message->dead = true;
	loop_signal_raise(&messages.room);
	free_if_unused(message);
}

void
message_use(struct message *message)
{
	message->users++;
}

void
message_release(struct message *message)
{
	must(message->users > 0);
	message->users--;
	free_if_unused(message);
}

struct message *
message_find(const struct queue_id *id)
{
	return hash_get(messages.by_id, span_text(id->text));
}

struct message *
message_next(struct hash_cursor *cursor)
{
	return hash_next(messages.by_id, cursor, NULL);
}

size_t
message_count(void)
{
	return hash_count(messages.by_id);
}

size_t
message_recipient_count(void)
{
	return messages.recipients;
}

struct batch *
message_add_batch(struct message *message, uint32_t count)
{
	struct pool *pool = pool_create(NULL, "batch", BATCH_MAXIMUM);
	struct batch *batch = pool_alloc_fitting(pool, sizeof *batch);

	must(count <= MESSAGE_SLICE);
	batch->pool = pool;
	batch->message = message;
	batch->open = 1;
	batch->recipients =
	    pool_alloc_fitting(pool, count * sizeof(struct recipient));
	list_add_last(&message->batches, &batch->node);
	return batch;
}

struct recipient *
batch_add(struct batch *batch, uint32_t number, struct span address)
{
	struct recipient *recipient = &batch->recipients[batch->count++];
	char *copy;

	*recipient = (struct recipient){
	    .batch = batch, .number = number, .notify = NOTIFY_UNKNOWN};
	copy = pool_alloc_fitting(batch->pool, address.len + 1);
	span_copy(copy, address);
	recipient->address = span_of(copy, address.len);
	list_init(&recipient->node);
	batch->open++;
	batch->message->open++;
	messages.recipients++;
	return recipient;
}

static void
let_go(struct batch *batch)
{
	must(batch->open > 0);
	batch->open--;
	if (batch->open == 0)
		free_batch(batch);
}

void
batch_filled(struct batch *batch)
{
	let_go(batch);
}

uint32_t
message_slice(const struct message *message)
{
	int64_t has = message == NULL ? 0 : message->open;
	int64_t least = params.qmgr_message_recipient_minimum - has;
	int64_t room =
	    params.qmgr_message_recipient_limit - (int64_t)messages.recipients;

	if (room < least)
		room = least;
	if (room <= 0)
		return 0;
	return room < MESSAGE_SLICE ? (uint32_t)room : MESSAGE_SLICE;
}

/* Whether the next slice may be read. A message that waits for room asks again
 * with each of its recipients that closes, and gets some with the last one. One
 * that is not delivered any more is read on to what an agent has of it. */
static bool
wants_more(const struct message *message)
{
	return !message->all_read && !message->is_loading &&
	    (message->order == ORDER_NONE || message->is_awaited) &&
	    message->open <= OPEN_LOW && message_slice(message) > 0;
}

static void
tell_progress(struct message *message)
{
	if (wants_more(message)) {
		message->is_loading = true;
		messages.events.wants_more(message);
	} else if (message->open == 0 && !message->is_loading &&
	    !message->settled) {
		message->settled = true;
		messages.events.settled(message);
	}
}

void
message_loaded(struct message *message)
{
	message->is_loading = false;
	tell_progress(message);
}

void
message_close_recipient(struct message *message, struct recipient *recipient)
{
	must(message->open > 0);
	list_remove(&recipient->node);
	message->open--;
	let_go(recipient->batch);
	tell_progress(message);
}

void
message_close_recipients(struct message *message, struct list *recipients)
{
	struct list *node;

	while ((node = list_first(recipients)) != NULL)
		message_close_recipient(
		    message, list_element(node, struct recipient, node));
}

static bool
is_below(int64_t share)
{
	return (int64_t)hash_count(messages.by_id) <
	    params.qmgr_message_active_limit * share / RESERVED_PARTS &&
	    (int64_t)messages.recipients <
	    params.qmgr_message_recipient_limit * share / RESERVED_PARTS;
}

bool
message_has_room(void)
{
	return is_below(RESERVED_PARTS);
}

void
message_wait_for_room(bool reserve)
{
	while (hash_count(messages.by_id) > 0 &&
	    !is_below(reserve ? RESERVED_PARTS - 1 : RESERVED_PARTS))
		must(loop_signal_wait(&messages.room, LOOP_NO_DEADLINE));
}
