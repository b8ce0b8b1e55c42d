/* SPDX-License-Identifier: MIT */
#include "cleanup/acceptance.h"

#include "lib/base/io.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"

#include "cleanup/draft.h"
#include "cleanup/inflow.h"

struct acceptance {
	struct conversation *conversation;
	struct draft draft;
	bool has_ended; /* the verdict was given, COMMIT is due */
};

enum step {
	STEP_NEXT,
	STEP_DONE,
	STEP_WRONG /* the client does not keep to the protocol */
};

static void
send_reply(struct acceptance *acceptance, const struct reply *reply)
{
	char status[REPLY_STATUS_SIZE];

	conversation_send_reply(acceptance->conversation,
	    &(struct message_reply){
		.code = reply->code,
		.status = span_text(reply_format_status(reply->status, status)),
		.text = span_text(reply->text),
	    });
}

static enum step
take_recipient(struct acceptance *acceptance, const struct frame *frame)
{
	struct message_recipient recipient;
	struct reply reply;

	if (!message_get_recipient(frame->payload, &recipient))
		return STEP_WRONG;
	draft_add_recipient(&acceptance->draft, &recipient, &reply);
	send_reply(acceptance, &reply);
	return STEP_NEXT;
}

static enum step
take_content(struct acceptance *acceptance, const struct frame *frame)
{
	draft_add_content(&acceptance->draft, frame->payload);
	return STEP_NEXT;
}

static enum step
commit(struct acceptance *acceptance)
{
	struct draft *draft = &acceptance->draft;
	struct reply reply;

	if (!draft_commit(draft)) {
		send_reply(acceptance, &draft->failure);
		return STEP_DONE;
	}
	reply_set(&reply, 250, "2.0.0", "Ok: queued as %s", draft->id.text);
	send_reply(acceptance, &reply);
	return STEP_DONE;
}

static enum step
take_end(struct acceptance *acceptance, const struct frame *frame)
{
	struct draft *draft = &acceptance->draft;
	struct message_end end;
	struct reply reply;

	if (!message_get_end(frame->payload, &end))
		return STEP_WRONG;
	if (!draft_close(draft)) {
		send_reply(acceptance, &draft->failure);
		return STEP_DONE;
	}
	if (end.commit)
		return commit(acceptance);
	acceptance->has_ended = true;
	reply_set(&reply, 250, "2.0.0", "Ok");
	send_reply(acceptance, &reply);
	return STEP_NEXT;
}

static enum step
take_commit(struct acceptance *acceptance, const struct frame *frame UNUSED)
{
	return commit(acceptance);
}

static enum step
take_abort(
    struct acceptance *acceptance UNUSED, const struct frame *frame UNUSED)
{
	return STEP_DONE;
}

static const struct {
	uint16_t type;
	bool after_end;
	enum step (*take)(
	    struct acceptance *acceptance, const struct frame *frame);
} frames[] = {
    {MESSAGE_RECIPIENT, false, take_recipient},
    {MESSAGE_CONTENT, false, take_content},
    {MESSAGE_END, false, take_end},
    {MESSAGE_COMMIT, true, take_commit},
    {MESSAGE_ABORT, false, take_abort},
    {MESSAGE_ABORT, true, take_abort},
};

static enum step
take_frame(struct acceptance *acceptance, struct frame *frame)
{
	io_close(&frame->fd);
	for (size_t i = 0; i < COUNT_OF(frames); i++)
		if (frames[i].type == frame->type &&
		    frames[i].after_end == acceptance->has_ended)
			return frames[i].take(acceptance, frame);
	return STEP_WRONG;
}

static void
converse(struct acceptance *acceptance)
{
	struct conversation *conversation = acceptance->conversation;
	const struct log_context *log = &acceptance->draft.log;
	struct message_begun begun = {log->queue_id};
	int64_t timeout = service_common()->ipc_timeout;
	enum step step = STEP_NEXT;
	struct frame frame;

	conversation_send_begun(conversation, &begun);
	while (step == STEP_NEXT &&
	    conversation_receive(
		conversation, loop_deadline(timeout), &frame, NULL))
		step = take_frame(acceptance, &frame);
	if (step == STEP_WRONG)
		log_warning(log, "unexpected or malformed %s from %s",
		    message_name(frame.type),
		    peer_name(conversation_peer(conversation)));
}

void
acceptance_serve(struct conversation *conversation, struct frame *first)
{
	struct acceptance acceptance = {.conversation = conversation};
	struct draft *draft = &acceptance.draft;
	struct flight_slot *slot;

	io_close(&first->fd);
	/* Before it has an id, which tells when it came. */
	inflow_wait(first->payload);
	draft_begin(draft);
	draft->is_of_queue =
	    span_equal(span_text(peer_name(conversation_peer(conversation))),
		SPAN("bounce"));
	slot = flight_begin("message", SPAN_EMPTY, draft->log.queue_id);
	if (draft_set_origin(draft, first->payload))
		converse(&acceptance);
	else
		log_warning(&draft->log, "malformed BEGIN from %s",
		    peer_name(conversation_peer(conversation)));
	flight_end(slot);
	draft_end(draft);
}
