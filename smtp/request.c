/* SPDX-License-Identifier: MIT */
#include "smtp/request.h"

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"
#include "lib/mail/delay.h"

enum {
	POOL_MAXIMUM = 16 << 20, /* bytes for one delivery */
	INLINE_MAXIMUM = 65536,  /* bytes of content without a file */
	RECIPIENTS_MAXIMUM = 50000,
	RECEIVE_PATIENCE = 300 /* seconds */
};

static bool
take_deliver(struct request *request, struct frame *first, struct error *error)
{
	struct span payload;

	request->content_fd = first->fd;
	first->fd = -1;
	if (!pool_copy_span(request->pool, first->payload, &payload) ||
	    !message_get_deliver(payload, &request->message))
		return error_set(error, ERROR_INVALID, "malformed request");
	request->log.queue_id = request->message.queue_id;
	return true;
}

static bool
receive_content(struct request *request, struct conversation *conversation,
    int64_t deadline, struct error *error)
{
	struct frame frame;
	struct buf content;
	bool complete = false;

	buf_init(&content, INLINE_MAXIMUM);
	while (!complete &&
	    conversation_expect(
		conversation, MESSAGE_CONTENT, deadline, &frame, error)) {
		if (!buf_append_span(&content, frame.payload)) {
			error_set(error, ERROR_LIMIT, "too much content");
			break;
		}
		complete = (frame.flags & FRAME_LAST) != 0;
	}
	if (complete &&
	    !pool_copy_span(
		request->pool, buf_span(&content), &request->content))
		complete = error_set(error, ERROR_LIMIT, "no memory");
	buf_finish(&content);
	if (complete && request->content.len < request_size(request))
		return error_set(error, ERROR_INVALID, "content is cut");
	return complete;
}

static size_t
count_recipients(struct span list)
{
	struct message_deliver_recipient recipient;
	size_t count = 0;

	while (message_take_deliver_recipient(&list, &recipient))
		count++;
	return list.len == 0 ? count : 0;
}

/* The recipients of all frames, one behind the other. */
static bool
take_recipients(struct request *request, struct span list, struct error *error)
{
	size_t count = count_recipients(list);

	if (count == 0 || count > RECIPIENTS_MAXIMUM)
		return error_set(error, ERROR_INVALID, "malformed recipients");
	if (!pool_copy_span(request->pool, list, &list))
		return error_set(error, ERROR_LIMIT, "no memory");
	request->recipients =
	    pool_alloc(request->pool, count * sizeof *request->recipients);
	if (request->recipients == NULL)
		return error_set(error, ERROR_LIMIT, "no memory");
	while (request->count < count)
		if (!message_take_deliver_recipient(
			&list, &request->recipients[request->count++].message))
			return error_set(
			    error, ERROR_INVALID, "malformed recipients");
	return true;
}

static bool
receive_recipients(struct request *request, struct conversation *conversation,
    int64_t deadline, struct error *error)
{
	struct message_deliver_recipients message;
	struct frame frame = {0};
	struct buf list;
	bool taken = true;

	buf_init(&list, POOL_MAXIMUM / 2);
	while (taken && (frame.flags & FRAME_LAST) == 0) {
		taken = conversation_expect(conversation,
		    MESSAGE_DELIVER_RECIPIENTS, deadline, &frame, error);
		if (taken &&
		    (!message_get_deliver_recipients(frame.payload, &message) ||
			!buf_append_span(&list, message.list)))
			taken = error_set(
			    error, ERROR_INVALID, "malformed recipients");
	}
	taken = taken && take_recipients(request, buf_span(&list), error);
	buf_finish(&list);
	return taken;
}

bool
request_receive(struct request *request, struct conversation *conversation,
    struct frame *first, struct error *error)
{
	int64_t deadline = loop_deadline(RECEIVE_PATIENCE);

	*request = (struct request){
	    .pool = pool_create(NULL, "delivery", POOL_MAXIMUM),
	    .content_fd = -1,
	    .started = clock_wall(),
	};
	return take_deliver(request, first, error) &&
	    (request->content_fd >= 0 ||
		receive_content(request, conversation, deadline, error)) &&
	    receive_recipients(request, conversation, deadline, error);
}

void
request_finish(struct request *request)
{
	io_close(&request->content_fd);
	pool_destroy(request->pool);
}

uint64_t
request_size(const struct request *request)
{
	return request->message.header_size + request->message.body_size;
}

bool
request_has_pending(const struct request *request)
{
	for (size_t i = 0; i < request->count; i++)
		if (request->recipients[i].state != RECIPIENT_DONE)
			return true;
	return false;
}

static const char *
status_word(const struct outcome *outcome)
{
	switch (outcome->outcome) {
	case DELIVERY_DEFERRED:
		return "deferred";
	case DELIVERY_BOUNCED:
		return service_common()->soft_bounce ? "SOFTBOUNCE" : "bounced";
	case DELIVERY_SENT:
	case DELIVERY_RELAYED:
	case DELIVERY_EXPANDED:
		break;
	}
	return "sent";
}

static void
log_outcome(const struct request *request, const struct recipient *recipient)
{
	const struct message_deliver_recipient *message = &recipient->message;
	const struct outcome *outcome = recipient->outcome;
	unsigned resolution =
	    (unsigned)service_common()->delay_logging_resolution_limit;
	struct delay_times times = {
	    .arrived = (int64_t)request->message.arrived,
	    .activated = (int64_t)request->message.activated,
	    .started = request->started,
	    .connected =
		outcome->connected == 0 ? recipient->ended : outcome->connected,
	    .ended = recipient->ended,
	};
	char delay[DELAY_TEXT_SIZE];
	char delays[DELAY_TEXT_SIZE];

	/* A connection made for an earlier message took no time of this. */
	if (times.connected < times.started)
		times.connected = times.started;
	log_event(&request->log, LOG_DELIVERY, log_text("to", message->address),
	    log_optional("orig_to",
		span_equal_fold(message->original_recipient, message->address)
		    ? SPAN_EMPTY
		    : message->original_recipient),
	    log_text("relay", outcome->relay),
	    outcome->uses > 1 ? log_number("conn_use", outcome->uses)
			      : log_optional("conn_use", SPAN_EMPTY),
	    log_text("delay",
		span_text(delay_format_total(&times, resolution, delay))),
	    log_text("delays",
		span_text(delay_format_parts(&times, resolution, delays))),
	    log_text("dsn", outcome->dsn),
	    log_text("status", span_text(status_word(outcome))),
	    log_text("text", outcome->text));
}

void
request_postpone(struct request *request, const struct outcome *outcome)
{
	for (size_t i = 0; i < request->count; i++) {
		struct recipient *recipient = &request->recipients[i];

		if (recipient->state == RECIPIENT_DONE)
			continue;
		recipient->state = RECIPIENT_PENDING;
		if (recipient->outcome == NULL ||
		    recipient->outcome->reply.len == 0)
			recipient->outcome = outcome;
	}
}

void
request_conclude(struct request *request, struct recipient *recipient,
    const struct outcome *outcome)
{
	recipient->state = RECIPIENT_DONE;
	recipient->outcome = outcome;
	recipient->ended = clock_wall();
	log_outcome(request, recipient);
}

void
request_conclude_all(struct request *request, const struct outcome *outcome)
{
	for (size_t i = 0; i < request->count; i++)
		if (request->recipients[i].state != RECIPIENT_DONE)
			request_conclude(
			    request, &request->recipients[i], outcome);
}
