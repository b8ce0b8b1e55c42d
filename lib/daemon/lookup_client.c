/* SPDX-License-Identifier: MIT */
#include "lib/daemon/lookup_client.h"

#include "lib/ipc/switchboard.h"
#include "lib/loop/loop.h"

enum {
	PATIENCE = 30,           /* seconds, as smtpd's */
	VALUE_MAXIMUM = 1 << 20, /* bytes */
	ADDRESS_MAXIMUM = 32768  /* bytes of a question: fits in a frame */
};

/* A question under way. */
struct inquiry {
	struct conversation *conversation;
	int64_t deadline;
	struct error *error;
};

static bool
inquiry_begin(struct inquiry *inquiry, struct span key, struct error *error)
{
	inquiry->deadline = loop_deadline(PATIENCE);
	inquiry->error = error;
	inquiry->conversation = NULL;
	if (key.len > ADDRESS_MAXIMUM)
		return error_set(error, ERROR_LIMIT, "the key is too long");
	inquiry->conversation =
	    switchboard_converse("lookup", inquiry->deadline, error);
	return inquiry->conversation != NULL;
}

/* The next frame; its payload is copied to `pool`. */
static bool
inquiry_receive(struct inquiry *inquiry, enum message_type type,
    struct pool *pool, struct frame *frame)
{
	if (!conversation_expect(inquiry->conversation, type, inquiry->deadline,
		frame, inquiry->error))
		return error_prefix(inquiry->error, "lookup");
	return pool_copy_span(pool, frame->payload, &frame->payload) ||
	    error_set(inquiry->error, ERROR_LIMIT, "no room for the answer");
}

static enum lookup_result_code
unreadable(struct error *error)
{
	error_set(error, ERROR_INVALID, "lookup: unreadable answer");
	return LOOKUP_TRY_AGAIN;
}

/* The result, with the words of a failure in *error. */
static enum lookup_result_code
judge(uint32_t result, struct span text, struct error *error)
{
	if (result == LOOKUP_FOUND || result == LOOKUP_NOT_FOUND)
		return (enum lookup_result_code)result;
	error_set(error, ERROR_TEMPORARY, "%.*s", SPAN_ARGS(text));
	return LOOKUP_TRY_AGAIN;
}

static enum lookup_result_code
receive_value(struct inquiry *inquiry, struct pool *pool, struct buf *value)
{
	enum lookup_result_code result;
	struct message_value answer;
	struct frame frame;

	do {
		if (!inquiry_receive(inquiry, MESSAGE_VALUE, pool, &frame))
			return LOOKUP_TRY_AGAIN;
		if (!message_get_value(frame.payload, &answer) ||
		    !buf_append_span(value, answer.value))
			return unreadable(inquiry->error);
		result = judge(answer.result, answer.text, inquiry->error);
	} while ((frame.flags & FRAME_LAST) == 0);
	return result;
}

enum lookup_result_code
lookup_client_value(struct pool *pool, const char *tables, struct span key,
    struct span *value, struct error *error)
{
	struct message_lookup question = {span_text(tables), key};
	enum lookup_result_code result = LOOKUP_TRY_AGAIN;
	struct inquiry inquiry;
	struct buf whole;

	buf_init(&whole, VALUE_MAXIMUM);
	if (inquiry_begin(&inquiry, key, error)) {
		conversation_send_lookup(inquiry.conversation, &question);
		result = receive_value(&inquiry, pool, &whole);
	}
	conversation_close(inquiry.conversation);
	if (!pool_copy_span(pool, buf_span(&whole), value)) {
		error_set(error, ERROR_LIMIT, "no room for the answer");
		result = LOOKUP_TRY_AGAIN;
	}
	buf_finish(&whole);
	return result;
}

enum lookup_result_code
lookup_client_user(struct pool *pool,
    const struct message_lookup_user *question, struct message_user *user,
    struct error *error)
{
	enum lookup_result_code result = LOOKUP_TRY_AGAIN;
	struct inquiry inquiry;
	struct frame frame;

	if (inquiry_begin(&inquiry, question->name, error)) {
		conversation_send_lookup_user(inquiry.conversation, question);
		if (inquiry_receive(&inquiry, MESSAGE_USER, pool, &frame))
			result = message_get_user(frame.payload, user)
			    ? judge(user->result,
				  SPAN("user database unavailable"), error)
			    : unreadable(error);
	}
	conversation_close(inquiry.conversation);
	return result;
}

static enum lookup_result_code
take_route(
    struct span payload, struct message_route_found *found, struct error *error)
{
	struct message_routes routes;

	if (!message_get_routes(payload, &routes) ||
	    !message_take_route_found(&routes.list, found))
		return unreadable(error);
	return judge(found->result, found->text, error);
}

enum lookup_result_code
lookup_client_route(struct pool *pool, struct span address,
    struct message_route_found *found, struct error *error)
{
	struct message_route_recipient recipient = {.address = address};
	enum lookup_result_code result = LOOKUP_TRY_AGAIN;
	struct inquiry inquiry;
	struct frame frame;
	struct buf list;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM);
	if (inquiry_begin(&inquiry, address, error)) {
		must(message_put_route_recipient(&list, &recipient));
		conversation_send_route(inquiry.conversation,
		    &(struct message_route){.list = buf_span(&list)});
		if (inquiry_receive(&inquiry, MESSAGE_ROUTES, pool, &frame))
			result = take_route(frame.payload, found, error);
	}
	conversation_close(inquiry.conversation);
	buf_finish(&list);
	return result;
}
