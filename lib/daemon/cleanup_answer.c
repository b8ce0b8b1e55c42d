/* SPDX-License-Identifier: MIT */
#include "lib/daemon/cleanup_answer.h"

enum {
	NO_SPACE = 452 /* RFC 5321 4.2.3: insufficient system storage */
};

bool
cleanup_answer_id(struct conversation *conversation, int64_t deadline,
    char id[CLEANUP_ID_SIZE], struct error *error)
{
	struct message_begun begun;
	struct frame frame;

	if (!conversation_expect(
		conversation, MESSAGE_BEGUN, deadline, &frame, error))
		return false;
	if (!message_get_begun(frame.payload, &begun) ||
	    begun.queue_id.len == 0 || begun.queue_id.len >= CLEANUP_ID_SIZE)
		return error_set(error, ERROR_INVALID, "malformed BEGUN");
	snprintf(id, CLEANUP_ID_SIZE, "%.*s", SPAN_ARGS(begun.queue_id));
	return true;
}

bool
cleanup_answer_reply(struct conversation *conversation, int64_t deadline,
    struct reply *reply, struct error *error)
{
	struct reply_status status;
	struct message_reply answer;
	struct frame frame;

	if (!conversation_expect(
		conversation, MESSAGE_REPLY, deadline, &frame, error))
		return false;
	if (!message_get_reply(frame.payload, &answer) || answer.code < 200 ||
	    answer.code > 599 || !reply_parse_status(&answer.status, &status))
		return error_set(error, ERROR_INVALID, "malformed REPLY");
	reply_set(
	    reply, (uint16_t)answer.code, NULL, "%.*s", SPAN_ARGS(answer.text));
	reply->status = status;
	return true;
}

bool
cleanup_answer_accepted(
    struct conversation *conversation, int64_t deadline, struct error *error)
{
	struct reply reply;

	if (!cleanup_answer_reply(conversation, deadline, &reply, error))
		return false;
	if (reply_is_positive(&reply))
		return true;
	return error_set(error,
	    reply.code == NO_SPACE           ? ERROR_LIMIT
		: reply_is_temporary(&reply) ? ERROR_TEMPORARY
					     : ERROR_INVALID,
	    "%u %s", reply.code, reply.text);
}
