/* SPDX-License-Identifier: MIT */
#include "qmgr/operation.h"

#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"
#include "lib/queue/store_change.h"

#include "qmgr/claim.h"
#include "qmgr/disk.h"
#include "qmgr/flush.h"
#include "qmgr/order.h"
#include "qmgr/scan.h"
#include "qmgr/wire.h"
#include "qmgr/wish.h"

enum {
	DELIVERY_PATIENCE = 20000, /* milliseconds, for what is under way */
	POLL_INTERVAL = 20
};

_Static_assert(QUEUE_SET_INCOMING == 1 << PLACE_INCOMING &&
	QUEUE_SET_DEFERRED == 1 << PLACE_DEFERRED &&
	QUEUE_SET_HOLD == 1 << PLACE_HOLD &&
	QUEUE_SET_CORRUPT == 1 << PLACE_CORRUPT,
    "a set of queues is one of places");

static void
answer(struct conversation *conversation, uint32_t code, const char *status,
    const char *text)
{
	struct message_reply reply = {
	    .code = code,
	    .status = span_text(status),
	    .text = span_text(text),
	};

	conversation_send_reply(conversation, &reply);
}

/* ---- a message in memory ---- */

/* Removed at once, whatever is under way. */
static bool
delete_now(struct message *message)
{
	struct error error;
	bool good;

	turn_take(&message->turn);
	good = message->dead || message->gone || disk_done(message, &error);
	turn_give(&message->turn);
	return good;
}

/* The order stands in the file, too: it survives us. */
static bool
record_expiry(struct message *message, struct error *error)
{
	struct journal_entry entry = {
	    .type = JOURNAL_EXPIRE, .time = clock_wall()};
	bool good;

	turn_take(&message->turn);
	good = !message->dead && !message->gone &&
	    wish_record(message, &entry, error);
	turn_give(&message->turn);
	return good;
}

/* True when the message has left the memory. */
static bool
wait_until_left(const struct queue_id *id)
{
	int64_t deadline = loop_now() + DELIVERY_PATIENCE;

	while (message_find(id) != NULL && loop_now() < deadline)
		loop_sleep_until(loop_now() + POLL_INTERVAL);
	return message_find(id) == NULL;
}

/* What became of it: all of it may have been delivered before it could be
 * stopped, and the disk or cleanup may have refused. */
static void
answer_stopped(struct conversation *conversation, const struct message *message,
    enum message_order order)
{
	bool is_obeyed = order == ORDER_HOLD
	    ? message->locator.place == PLACE_HOLD
	    : message->gone;

	if (message->gone && message->outstanding == 0)
		answer(conversation, 550, "5.4.0", "it is done already");
	else if (is_obeyed)
		answer(conversation, 250, "2.0.0", "1");
	else
		answer(conversation, 451, "4.3.0",
		    "not done, the log of the mail system says why");
}

/* It has to leave the memory for what was ordered. */
static void
answer_when_left(struct conversation *conversation, struct message *message,
    enum message_order order)
{
	struct queue_id id = message->locator.id;

	message_use(message);
	if (wait_until_left(&id))
		answer_stopped(conversation, message, order);
	else
		answer(conversation, 451, "4.3.0",
		    "still in work, done when that ends");
	message_release(message);
}

/* ---- a message on the disk ---- */

struct disk_order {
	struct queue_id id;
	enum queue_operation operation;
	uint32_t queues; /* enum queue_set */
	struct changed changed;
	bool good;
	struct error error;
};

static void
job_order(void *argument)
{
	static const enum change changes[] = {
	    [QUEUE_DELETE] = CHANGE_DELETE,
	    [QUEUE_HOLD] = CHANGE_HOLD,
	    [QUEUE_RELEASE] = CHANGE_RELEASE,
	    [QUEUE_REQUEUE] = CHANGE_NOTHING,
	    [QUEUE_EXPIRE] = CHANGE_EXPIRE,
	    [QUEUE_FLUSH] = CHANGE_NOTHING,
	};
	struct disk_order *order = argument;

	order->good =
	    store_change(disk_store(), &order->id, changes[order->operation],
		order->queues, &order->changed, &order->error);
}

/* Held messages are not tried. */
static bool
has_changed(const struct disk_order *order)
{
	return order->good && order->changed.made &&
	    (order->operation != QUEUE_FLUSH || !order->changed.was_held);
}

/* What the queue does next with it. */
static void
go_on(const struct disk_order *order)
{
	const struct locator *locator = &order->changed.locator;

	switch (order->operation) {
	case QUEUE_RELEASE:
	case QUEUE_FLUSH:
		scan_want_message(locator, LOAD_NOW);
		break;
	case QUEUE_EXPIRE:
		if (!order->changed.was_held)
			scan_want_message(locator, LOAD_NOW);
		break;
	case QUEUE_REQUEUE:
		load(locator, LOAD_REQUEUE);
		break;
	case QUEUE_DELETE:
	case QUEUE_HOLD:
		break;
	}
}

/* load() has taken it into memory, or has logged why not. */
static void
answer_loaded(struct conversation *conversation, const struct queue_id *id)
{
	struct message *message = message_find(id);

	if (message != NULL)
		answer_when_left(conversation, message, ORDER_REQUEUE);
	else
		answer(conversation, 451, "4.3.0",
		    "not done, the log of the mail system says why");
}

static void
obey_on_disk(struct conversation *conversation, const struct queue_id *id,
    enum queue_operation operation, uint32_t queues)
{
	struct disk_order order = {
	    .id = *id, .operation = operation, .queues = queues};
	bool changed;

	offload_run(job_order, &order);
	changed = has_changed(&order);
	(void)claim_give(id);
	if (changed)
		go_on(&order);
	if (!order.good && order.error.kind == ERROR_NOT_FOUND)
		answer(conversation, 550, "5.4.0", order.error.text);
	else if (!order.good)
		answer(conversation, 451, "4.3.0", order.error.text);
	else if (operation == QUEUE_REQUEUE)
		answer_loaded(conversation, id);
	else
		answer(conversation, 250, "2.0.0", changed ? "1" : "0");
}

/* ---- one order ---- */

static void
delete_in_memory(struct conversation *conversation, struct message *message)
{
	bool good = delete_now(message);

	if (!message->dead)
		order_give(message, ORDER_DELETE);
	answer(conversation, good ? 250 : 451, good ? "2.0.0" : "4.3.0",
	    good ? "1" : "not removed");
}

/* What an agent has in hand is delivered first if it can be. */
static void
expire_in_memory(struct conversation *conversation, struct message *message)
{
	struct error error = {.text = "it has just been delivered"};

	if (message->forced_expiry) {
		answer(conversation, 250, "2.0.0", "0");
	} else if (!record_expiry(message, &error)) {
		answer(conversation, 451, "4.3.0", error.text);
	} else {
		message->forced_expiry = true;
		if (!message->dead && message->order == ORDER_NONE)
			order_give(message, ORDER_EXPIRE);
		answer(conversation, 250, "2.0.0", "1");
	}
}

static void
stop_in_memory(struct conversation *conversation, struct message *message,
    enum message_order order)
{
	order_give(message, order);
	answer_when_left(conversation, message, order);
}

static void
obey_in_memory(struct conversation *conversation, struct message *message,
    enum queue_operation operation)
{
	message_use(message);
	switch (operation) {
	case QUEUE_DELETE:
		delete_in_memory(conversation, message);
		break;
	case QUEUE_EXPIRE:
		expire_in_memory(conversation, message);
		break;
	case QUEUE_HOLD:
		stop_in_memory(conversation, message, ORDER_HOLD);
		break;
	case QUEUE_REQUEUE:
		stop_in_memory(conversation, message, ORDER_REQUEUE);
		break;
	case QUEUE_RELEASE:
	case QUEUE_FLUSH:
		answer(conversation, 250, "2.0.0", "0");
		break;
	}
	message_release(message);
}

/* Somebody else may be reading it just now: a moment later it is in memory. */
static void
obey(struct conversation *conversation, const struct queue_id *id,
    const struct message_queue_operation *order)
{
	enum queue_operation operation = (enum queue_operation)order->operation;
	int64_t deadline = loop_now() + DELIVERY_PATIENCE;

	while (loop_now() < deadline) {
		struct message *message = message_find(id);

		if (message != NULL &&
		    (order->queues & QUEUE_SET_ACTIVE) == 0) {
			answer(conversation, 550, "5.4.0",
			    "the message is active");
			return;
		}
		if (message != NULL && !message->settled) {
			obey_in_memory(conversation, message, operation);
			return;
		}
		if (claim_take(id)) {
			obey_on_disk(
			    conversation, id, operation, order->queues);
			return;
		}
		loop_sleep_until(loop_now() + POLL_INTERVAL);
	}
	answer(conversation, 451, "4.3.0", "the message is busy");
}

/* ---- flush ---- */

static void
flush_everything(struct conversation *conversation)
{
	flush_all();
	answer(conversation, 250, "2.0.0", "0");
}

static void
execute(struct conversation *conversation,
    const struct message_queue_operation *order)
{
	struct queue_id id;

	if (order->operation == QUEUE_FLUSH)
		flush_forgive();
	if (order->operation == QUEUE_FLUSH && order->queue_id.len == 0)
		flush_everything(conversation);
	else if (!id_parse(order->queue_id, &id))
		answer(conversation, 501, "5.5.4", "no queue id");
	else
		obey(conversation, &id, order);
}

/* Right after the start it is being opened. */
static bool
wait_for_queue(void)
{
	int64_t deadline = loop_now() + DELIVERY_PATIENCE;

	while (!disk_is_open() && loop_now() < deadline)
		loop_sleep_until(loop_now() + POLL_INTERVAL);
	return disk_is_open();
}

static void
serve(struct conversation *conversation, const struct frame *first,
    enum queue_operation lowest)
{
	struct message_queue_operation order;

	if (!message_get_queue_operation(first->payload, &order) ||
	    order.operation < lowest || order.operation > QUEUE_FLUSH)
		answer(conversation, 501, "5.5.4", "no such operation");
	else if (!wait_for_queue())
		answer(conversation, 451, "4.3.0", "the queue is not open");
	else
		execute(conversation, &order);
}

void
operation_serve(struct conversation *conversation, struct frame *first)
{
	serve(conversation, first, QUEUE_DELETE);
}

void
operation_serve_flush(struct conversation *conversation, struct frame *first)
{
	serve(conversation, first, QUEUE_FLUSH);
}

void
operation_flush_site(struct conversation *conversation, struct frame *first)
{
	struct message_flush_site request;
	struct error error;

	if (!message_get_flush_site(first->payload, &request) ||
	    request.site.len == 0)
		answer(conversation, 501, "5.5.4", "no site");
	else if (!wait_for_queue())
		answer(conversation, 451, "4.3.0", "the queue is not open");
	else if (!flush_site(request.site, &error))
		answer(conversation, 451, "4.3.0", error.text);
	else
		answer(conversation, 250, "2.0.0", "0");
}

static bool
put_active(struct buf *out, const void *record)
{
	return message_put_active_message(out, record);
}

void
operation_list_active(
    struct conversation *conversation, struct frame *first UNUSED)
{
	struct hash_cursor cursor = {0};
	struct wire_list list;
	struct message *message;

	wire_list_begin(&list, conversation, MESSAGE_ACTIVE_LIST);
	while ((message = message_next(&cursor)) != NULL) {
		const struct locator *locator = &message->locator;
		struct message_active_message record = {
		    .queue_id = message_id(message),
		    .place = (uint32_t)locator->place,
		    .bucket = locator->bucket,
		    .segment = locator->in.segment,
		    .segment_generation = locator->in.generation,
		    .segment_number = locator->in.number,
		    .segment_offset = locator->in.offset,
		    .segment_length = locator->in.length,
		};

		wire_list_add(&list, put_active, &record);
	}
	wire_list_end(&list);
}
