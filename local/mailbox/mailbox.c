/* SPDX-License-Identifier: MIT */
#include "local/mailbox/mailbox.h"

#include "lib/daemon/service.h"
#include "lib/ipc/switchboard.h"
#include "lib/loop/loop.h"
#include "lib/mail/mail_address.h"

#include "local/mailbox/delivered_to.h"
#include "local/mailbox/passage.h"

enum {
	DIAL_PATIENCE = 60,      /* seconds until launcher runs */
	HEADERS_MAXIMUM = 262144 /* bytes of those that are put before */
};

/* One delivery under way. */
struct launching {
	const struct delivery *delivery;
	struct conversation *conversation;
	int64_t deadline;
	struct buf headers;
};

static void
make_headers(struct launching *launching,
    const struct delivery_recipient *recipient, const struct mailbox *mailbox)
{
	const struct message_deliver_recipient *request = &recipient->request;
	struct span original = SPAN_EMPTY;

	if (service_common()->enable_original_recipient)
		original = request->original_recipient.len > 0
		    ? request->original_recipient
		    : request->address;
	buf_init(&launching->headers, HEADERS_MAXIMUM);
	delivered_to_append(&launching->headers,
	    launching->delivery->request.sender, original,
	    mailbox->delivered_to);
}

static void
send_launch(struct launching *launching, const struct mailbox *mailbox)
{
	const struct message_deliver *request = &launching->delivery->request;
	struct span sender = SPAN("MAILER-DAEMON");
	struct buf quoted;

	buf_init(&quoted, 2 * request->sender.len + 8);
	if (request->sender.len > 0) {
		must(mail_address_append_quoted(&quoted, request->sender));
		sender = buf_span(&quoted);
	}
	conversation_send_launch(launching->conversation,
	    &(struct message_launch){
		.user = mailbox->user,
		.uid = mailbox->uid,
		.gid = mailbox->gid,
		.kind = span_ends(mailbox->path, SPAN("/")) ? LAUNCH_MAILDIR
							    : LAUNCH_MAILBOX,
		.path = mailbox->path,
		.queue_id = request->queue_id,
		.sender = sender,
		.size =
		    launching->headers.len + delivery_size(launching->delivery),
		.limit = mailbox->limit,
	    });
	buf_finish(&quoted);
}

static bool
take_reply(struct launching *launching, struct delivery_result *result,
    struct error *error)
{
	struct pool *pool = launching->delivery->pool;
	struct message_reply reply;
	struct frame frame;

	if (!conversation_expect(launching->conversation, MESSAGE_REPLY,
		launching->deadline, &frame, error))
		return false;
	if (!message_get_reply(frame.payload, &reply) ||
	    !pool_copy_span(pool, reply.status, &result->dsn) ||
	    !pool_copy_span(pool, reply.text, &result->text))
		return error_set(error, ERROR_INVALID, "unreadable reply");
	result->outcome = reply.code < 300 ? DELIVERY_SENT
	    : reply.code < 500             ? DELIVERY_DEFERRED
					   : DELIVERY_BOUNCED;
	return true;
}

/* A refusal may come before all content was sent: the reply counts. */
static bool
pass(struct launching *launching, const struct mailbox *mailbox,
    struct delivery_result *result, struct error *error)
{
	struct error late;

	send_launch(launching, mailbox);
	if (passage_send(launching->conversation, launching->delivery,
		buf_span(&launching->headers), launching->deadline, error))
		return take_reply(launching, result, error);
	return error->kind == ERROR_CLOSED &&
	    take_reply(launching, result, &late);
}

void
mailbox_deliver(const struct delivery *delivery,
    const struct delivery_recipient *recipient, const struct mailbox *mailbox,
    struct delivery_result *result)
{
	struct launching launching = {
	    .delivery = delivery,
	    .deadline = loop_deadline(service_common()->ipc_timeout),
	};
	struct error error;
	bool passed = false;

	make_headers(&launching, recipient, mailbox);
	launching.conversation = switchboard_converse(
	    "launcher", loop_deadline(DIAL_PATIENCE), &error);
	if (launching.conversation != NULL)
		passed = pass(&launching, mailbox, result, &error);
	conversation_close(launching.conversation);
	buf_finish(&launching.headers);
	if (passed)
		return;
	log_warning(&delivery->log, "launcher: %s", error.text);
	result->outcome = DELIVERY_DEFERRED;
	result->dsn = SPAN("4.3.0");
	result->text = SPAN("mailbox delivery failed");
}
