/* SPDX-License-Identifier: MIT */
#include "qmgr/operation.h"

#include "lib/base/hash.h"
#include "lib/log/log.h"
#include "lib/loop/offload.h"

#include "qmgr/claim.h"
#include "qmgr/disk.h"
#include "qmgr/scan.h"
#include "qmgr/transport.h"
#include "qmgr/wire.h"

enum {
	DELIVERY_PATIENCE = 20000, /* milliseconds, for what is under way */
	POLL_INTERVAL = 20
};

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

static void
close_recipients(struct message *message, struct list *recipients)
{
	struct list *node;

	while ((node = list_first(recipients)) != NULL)
		message_close_recipient(
		    message, list_element(node, struct recipient, node));
}

/* From now on nothing more of it is begun. The message may be gone on return
 * unless the caller uses it. */
static void
give_order(struct message *message, enum message_order order)
{
	struct list recipients;
	struct list *node;

	message->order = order;
	list_init(&recipients);
	while ((node = list_first(&message->entries)) != NULL)
		schedule_take(
		    list_element(node, struct entry, of_message), &recipients);
	close_recipients(message, &recipients);
	if (order == ORDER_DELETE)
		close_recipients(message, &message->held);
}

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

/* True when the message has left the memory. */
static bool
wait_until_left(const struct queue_id *id)
{
	int64_t deadline = loop_now() + DELIVERY_PATIENCE;

	while (message_find(id) != NULL && loop_now() < deadline)
		loop_sleep_until(loop_now() + POLL_INTERVAL);
	return message_find(id) == NULL;
}

/* ---- a message on the disk ---- */

struct disk_order {
	struct queue_id id;
	enum queue_operation operation;
	struct locator locator;
	bool was_held;
	bool found;
	bool good;
	struct error error;
};

static bool
move(struct disk_order *order)
{
	struct store *store = disk_store();

	switch (order->operation) {
	case QUEUE_DELETE:
		return store_done(store, &order->locator, &order->error);
	case QUEUE_HOLD:
		return order->was_held ||
		    store_hold(store, &order->locator, &order->error);
	case QUEUE_RELEASE:
		return !order->was_held ||
		    store_release(store, &order->locator, &order->error);
	case QUEUE_REQUEUE:
	case QUEUE_FLUSH:
		break;
	}
	return true;
}

static void
job_order(void *argument)
{
	struct disk_order *order = argument;

	order->found = store_find(
	    disk_store(), &order->id, &order->locator, &order->error);
	if (!order->found)
		return;
	order->was_held = order->locator.place == PLACE_HOLD;
	order->good = move(order);
}

/* Whether the order changed anything, as postsuper counts. */
static bool
has_changed(const struct disk_order *order)
{
	if (!order->found || !order->good)
		return false;
	if (order->operation == QUEUE_HOLD)
		return !order->was_held;
	if (order->operation == QUEUE_RELEASE)
		return order->was_held;
	return order->operation != QUEUE_FLUSH || !order->was_held;
}

/* What the queue does next with it. */
static void
go_on(const struct disk_order *order)
{
	if (order->operation == QUEUE_RELEASE ||
	    order->operation == QUEUE_FLUSH)
		scan_want_message(&order->locator, LOAD_NOW);
	else if (order->operation == QUEUE_REQUEUE)
		load(&order->locator, LOAD_REQUEUE);
}

static void
obey_on_disk(struct conversation *conversation, const struct queue_id *id,
    enum queue_operation operation)
{
	struct disk_order order = {.id = *id, .operation = operation};
	bool changed;

	offload_run(job_order, &order);
	changed = has_changed(&order);
	(void)claim_give(id);
	if (changed)
		go_on(&order);
	if (order.found && !order.good)
		answer(conversation, 451, "4.3.0", order.error.text);
	else
		answer(conversation, 250, "2.0.0", changed ? "1" : "0");
}

/* ---- one order ---- */

static void
obey_in_memory(struct conversation *conversation, struct message *message,
    enum queue_operation operation)
{
	static const enum message_order orders[] = {
	    [QUEUE_DELETE] = ORDER_DELETE,
	    [QUEUE_HOLD] = ORDER_HOLD,
	    [QUEUE_RELEASE] = ORDER_NONE,
	    [QUEUE_REQUEUE] = ORDER_REQUEUE,
	    [QUEUE_FLUSH] = ORDER_NONE,
	};
	struct queue_id id = message->locator.id;
	bool good = true;

	if (orders[operation] == ORDER_NONE) {
		answer(conversation, 250, "2.0.0", "0");
		return;
	}
	message_use(message);
	if (operation == QUEUE_DELETE)
		good = delete_now(message);
	if (!message->dead)
		give_order(message, orders[operation]);
	message_release(message);
	if (operation == QUEUE_DELETE)
		answer(conversation, good ? 250 : 451, good ? "2.0.0" : "4.3.0",
		    good ? "1" : "not removed");
	else if (wait_until_left(&id))
		answer(conversation, 250, "2.0.0", "1");
	else
		answer(conversation, 451, "4.3.0",
		    "still being delivered, done when that ends");
}

/* Somebody else may be reading it just now: a moment later it is in memory. */
static void
obey(struct conversation *conversation, const struct queue_id *id,
    enum queue_operation operation)
{
	int64_t deadline = loop_now() + DELIVERY_PATIENCE;

	while (loop_now() < deadline) {
		struct message *message = message_find(id);

		if (message != NULL && !message->settled) {
			obey_in_memory(conversation, message, operation);
			return;
		}
		if (claim_take(id)) {
			obey_on_disk(conversation, id, operation);
			return;
		}
		loop_sleep_until(loop_now() + POLL_INTERVAL);
	}
	answer(conversation, 451, "4.3.0", "the message is busy");
}

/* ---- flush ---- */

static void
forgive_transport(struct transport *transport)
{
	struct hash_cursor cursor = {0};
	struct destination *destination;

	transport->unavailable_until = 0;
	while ((destination = hash_next(
		    transport->lane.destinations, &cursor, NULL)) != NULL)
		schedule_forgive(destination);
	transport_wake(transport);
}

/* Who asks for a flush knows that something works again. */
static void
forgive_all(void)
{
	struct hash_cursor cursor = {0};
	struct transport *transport;

	while ((transport = transport_next(&cursor)) != NULL)
		forgive_transport(transport);
}

static void
flush_all(struct conversation *conversation)
{
	scan_want_incoming();
	scan_want_all();
	answer(conversation, 250, "2.0.0", "0");
}

static void
execute(struct conversation *conversation,
    const struct message_queue_operation *order)
{
	struct queue_id id;

	if (order->operation == QUEUE_FLUSH)
		forgive_all();
	if (order->operation == QUEUE_FLUSH && order->queue_id.len == 0)
		flush_all(conversation);
	else if (!id_parse(order->queue_id, &id))
		answer(conversation, 501, "5.5.4", "no queue id");
	else
		obey(conversation, &id, (enum queue_operation)order->operation);
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
		struct message_active_message record = {message_id(message)};

		wire_list_add(&list, put_active, &record);
	}
	wire_list_end(&list);
}
