/* SPDX-License-Identifier: MIT */
#include "lib/daemon/request.h"

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"

enum {
	DELIVERY_POOL = 16 << 20,  /* bytes: request, texts, recipients */
	CONTENT_MAXIMUM = 1 << 20, /* bytes that come without a file */
	FEW = 8                    /* recipients there is room for at first */
};

/* A request in the making. */
struct reading {
	struct delivery *delivery;
	struct conversation *conversation;
	int64_t deadline;
	size_t room; /* of delivery->recipients */
};

static bool
no_room(struct error *error)
{
	return error_set(error, ERROR_LIMIT, "no room for a delivery");
}

/* The texts of a request borrow from a copy of its frames. */
static bool
take_deliver(
    struct delivery *delivery, struct frame *first, struct error *error)
{
	struct span payload;

	delivery->fd = first->fd;
	if (!pool_copy_span(delivery->pool, first->payload, &payload))
		return no_room(error);
	if (!message_get_deliver(payload, &delivery->request))
		return error_set(error, ERROR_INVALID, "unreadable request");
	delivery->log.queue_id = delivery->request.queue_id;
	delivery->flight =
	    flight_begin("deliver", SPAN_EMPTY, delivery->request.queue_id);
	return true;
}

static bool
receive_content(struct reading *reading, struct error *error)
{
	struct delivery *delivery = reading->delivery;
	uint64_t size = delivery_size(delivery);
	struct frame frame = {.flags = 0};
	size_t len = 0;
	char *content;

	content = size > CONTENT_MAXIMUM
	    ? NULL
	    : pool_alloc(delivery->pool, (size_t)size + 1);
	if (content == NULL)
		return no_room(error);
	while ((frame.flags & FRAME_LAST) == 0) {
		if (!conversation_expect(reading->conversation, MESSAGE_CONTENT,
			reading->deadline, &frame, error))
			return false;
		if (frame.payload.len > size - len)
			break;
		memcpy(content + len, frame.payload.at, frame.payload.len);
		len += frame.payload.len;
	}
	delivery->content = span_of(content, len);
	return (frame.flags & FRAME_LAST) != 0 && len == size
	    ? true
	    : error_set(error, ERROR_INVALID, "content of another size");
}

static struct delivery_recipient *
add_recipient(struct reading *reading)
{
	struct delivery *delivery = reading->delivery;
	struct delivery_recipient *recipients = delivery->recipients;

	if (delivery->count == reading->room) {
		reading->room = reading->room == 0 ? FEW : reading->room * 2;
		recipients = pool_alloc(
		    delivery->pool, reading->room * sizeof *recipients);
		if (recipients == NULL)
			return NULL;
		if (delivery->count > 0)
			memcpy(recipients, delivery->recipients,
			    delivery->count * sizeof *recipients);
		delivery->recipients = recipients;
	}
	return &recipients[delivery->count++];
}

static bool
take_recipients(
    struct reading *reading, const struct frame *frame, struct error *error)
{
	struct message_deliver_recipients message;
	struct message_deliver_recipient request;
	struct span payload;

	if (!pool_copy_span(reading->delivery->pool, frame->payload, &payload))
		return no_room(error);
	if (!message_get_deliver_recipients(payload, &message))
		return error_set(error, ERROR_INVALID, "unreadable request");
	while (message_take_deliver_recipient(&message.list, &request)) {
		struct delivery_recipient *recipient = add_recipient(reading);

		if (recipient == NULL)
			return no_room(error);
		recipient->request = request;
	}
	return message.list.len == 0 ||
	    error_set(error, ERROR_INVALID, "unreadable recipients");
}

static bool
receive_recipients(struct reading *reading, struct error *error)
{
	struct frame frame = {.flags = 0};

	while ((frame.flags & FRAME_LAST) == 0)
		if (!conversation_expect(reading->conversation,
			MESSAGE_DELIVER_RECIPIENTS, reading->deadline, &frame,
			error) ||
		    !take_recipients(reading, &frame, error))
			return false;
	return reading->delivery->count > 0 ||
	    error_set(error, ERROR_INVALID, "no recipients");
}

struct delivery *
request_receive(
    struct conversation *conversation, struct frame *first, struct error *error)
{
	struct pool *pool = pool_create(NULL, "delivery", DELIVERY_POOL);
	struct delivery *delivery = pool_alloc_fitting(pool, sizeof *delivery);
	struct reading reading = {
	    .delivery = delivery,
	    .conversation = conversation,
	    .deadline = loop_deadline(service_common()->ipc_timeout),
	};

	delivery->pool = pool;
	delivery->flight = NULL;
	delivery->started = clock_wall();
	if (take_deliver(delivery, first, error) &&
	    (delivery->fd >= 0 || receive_content(&reading, error)) &&
	    receive_recipients(&reading, error))
		return delivery;
	request_destroy(delivery);
	return NULL;
}

void
request_destroy(struct delivery *delivery)
{
	if (delivery == NULL)
		return;
	flight_end(delivery->flight);
	io_close(&delivery->fd);
	pool_destroy(delivery->pool);
}
