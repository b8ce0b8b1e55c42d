/* SPDX-License-Identifier: MIT */
#include "qmgr/notice.h"

#include "lib/base/clock.h"
#include "lib/daemon/notice_class.h"
#include "lib/daemon/service.h"
#include "lib/ipc/peer.h"
#include "lib/mail/mail_address.h"

#include "qmgr/agents.h"
#include "qmgr/params.h"
#include "qmgr/quarantine.h"
#include "qmgr/space.h"
#include "qmgr/told.h"
#include "qmgr/wire.h"

enum {
	ANSWER_PATIENCE = 300, /* seconds for it to answer */
	REPLY_NO_SPACE = 452
};

bool
notice_has_reader(const struct message *message, enum notice_kind kind)
{
	struct mail_address sender =
	    mail_address_split(message_sender(message));

	if (mail_address_is_null(&sender))
		return kind == NOTICE_FAILURE &&
		    notice_class_is_wanted(NOTICE_CLASS_2BOUNCE);
	return !notice_class_is_notice(&sender);
}

bool
notice_concerns(uint32_t notify, enum notice_kind kind)
{
	static const uint32_t wanted[] = {
	    [NOTICE_FAILURE] = NOTIFY_FAILURE,
	    [NOTICE_DELAY] = NOTIFY_DELAY,
	    [NOTICE_SUCCESS] = NOTIFY_SUCCESS,
	};

	/* RFC 3461 4.1: without NOTIFY failures are reported, and delays may
	 * be. */
	if (notify == 0)
		return kind != NOTICE_SUCCESS;
	return (notify & wanted[kind]) != 0;
}

static bool
send_notify(struct conversation *conversation, struct message *message,
    enum notice_kind kind, const struct disk_reading *reading,
    struct error *error)
{
	const struct stored *stored = reading->stored;
	struct wire_content content = wire_content(reading);
	struct message_notify notify = {
	    .kind = kind,
	    .queue_id = message_id(message),
	    .sender = message_sender(message),
	    .flags = message->flags,
	    .arrived = (uint64_t)message->arrival,
	    .expires = (uint64_t)(message->arrival +
		params.maximal_queue_lifetime * CLOCK_SECOND),
	    .envelope_id = stored->attribute[ATTRIBUTE_ENVELOPE_ID],
	    .ret = wire_ret(stored),
	    .header_offset = content.header_offset,
	    .header_size = stored->header.extent.length,
	    .header_flags = wire_content_flags(&stored->header),
	    .body_offset = content.body_offset,
	    .body_size = stored->body.extent.length,
	    .body_flags = wire_content_flags(&stored->body),
	};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_notify(&payload, &notify));
	conversation_send_fd(
	    conversation, MESSAGE_NOTIFY, buf_span(&payload), content.fd);
	buf_finish(&payload);
	return wire_send_content(conversation, &content, reading, error);
}

static bool
is_to_tell(const struct message *message,
    const struct stored_recipient *recipient, enum notice_kind kind)
{
	return notice_concerns(recipient->flags, kind) &&
	    !told_has(&message->locator.id, kind, recipient->number);
}

/* `attempted`: in this boot; another one may have made the last attempt. */
static struct message_notify_recipient
describe(int64_t attempted, const struct stored_recipient *recipient,
    const struct result *result)
{
	return (struct message_notify_recipient){
	    .number = recipient->number,
	    .address = recipient->address,
	    .original = recipient->orcpt,
	    .original_recipient = recipient->original,
	    .notify = recipient->flags,
	    .outcome = result->outcome,
	    .dsn = result->dsn,
	    .text = result->text,
	    .remote = result->remote,
	    .reply = result->reply,
	    .attempted = (uint64_t)attempted,
	};
}

static bool
put_record(struct buf *out, const void *record)
{
	return message_put_notify_recipient(out, record);
}

static void
send_recipients(struct conversation *conversation,
    const struct message *message, enum notice_kind kind,
    const struct disk_reading *reading, const struct result *results)
{
	int64_t attempted = message->attempted != 0
	    ? message->attempted
	    : reading->stored->last_attempt;
	struct wire_list list;

	wire_list_begin(&list, conversation, MESSAGE_NOTIFY_RECIPIENTS);
	for (size_t i = 0; i < reading->count; i++) {
		struct message_notify_recipient record =
		    describe(attempted, &reading->recipients[i], &results[i]);

		if (is_to_tell(message, &reading->recipients[i], kind))
			wire_list_add(&list, put_record, &record);
	}
	wire_list_end(&list);
}

static bool
expect_durable(struct conversation *conversation, struct error *error)
{
	struct frame frame;
	struct message_reply reply;

	if (!conversation_expect(conversation, MESSAGE_REPLY,
		loop_deadline(ANSWER_PATIENCE), &frame, error))
		return false;
	if (!message_get_reply(frame.payload, &reply))
		return error_set(error, ERROR_INVALID, "unreadable answer");
	return reply.code == 250 ||
	    error_set(error,
		reply.code == REPLY_NO_SPACE ? ERROR_LIMIT : ERROR_TEMPORARY,
		"%.*s", SPAN_ARGS(reply.text));
}

static bool
converse(struct agent *agent, struct message *message, enum notice_kind kind,
    const struct disk_reading *reading, const struct result *results,
    struct error *error)
{
	struct conversation *conversation =
	    agent->peer == NULL ? NULL : conversation_open(agent->peer, error);
	bool good;

	if (conversation == NULL)
		return error_set(
		    error, ERROR_TEMPORARY, "the bounce agent is gone");
	good = send_notify(conversation, message, kind, reading, error);
	if (good) {
		send_recipients(conversation, message, kind, reading, results);
		good = expect_durable(conversation, error);
	}
	conversation_close(conversation);
	return good;
}

static bool
has_any_to_tell(const struct message *message,
    const struct disk_reading *reading, enum notice_kind kind)
{
	for (size_t i = 0; i < reading->count; i++)
		if (is_to_tell(message, &reading->recipients[i], kind))
			return true;
	return false;
}

bool
notice_send(struct message *message, enum notice_kind kind,
    const struct disk_reading *reading, const struct result *results,
    int64_t deadline, struct error *error)
{
	struct agent *agent;
	bool good;

	if ((reading->stored->flags & QUEUED_NO_NOTICES) != 0 ||
	    !notice_has_reader(message, kind) ||
	    !has_any_to_tell(message, reading, kind))
		return true;
	agent = agents_wait(
	    quarantine_transport(
		transport_find(span_text(params.bounce_service_name)),
		&message->locator.id),
	    deadline);
	if (agent == NULL)
		return error_set(
		    error, ERROR_TEMPORARY, "no bounce agent is there");
	good = converse(agent, message, kind, reading, results, error);
	if (!good && error->kind == ERROR_LIMIT && space_spend(error->text))
		good = converse(agent, message, kind, reading, results, error);
	agents_release(agent);
	return good;
}
