/* SPDX-License-Identifier: MIT */
#include "local/forward.h"

#include "lib/base/clock.h"
#include "lib/daemon/cleanup_answer.h"
#include "lib/daemon/service.h"
#include "lib/ipc/switchboard.h"
#include "lib/loop/loop.h"
#include "lib/mail/date.h"
#include "lib/mail/dsn.h"
#include "lib/mail/header.h"
#include "lib/mail/mail_address.h"

#include "local/mailbox/passage.h"

enum {
	DIAL_PATIENCE = 60,     /* seconds until cleanup runs */
	HEADERS_MAXIMUM = 65536 /* bytes of those that are put before */
};

/* A new message in the making. */
struct forwarding {
	const struct delivery *delivery;
	const struct forward *forward;
	struct conversation *conversation;
	int64_t deadline;
	char queue_id[CLEANUP_ID_SIZE]; /* of the new message */
};

/* RFC 3461 5.2.7: one other address brings the notices that the sender asked
 * for, several all but that of success, and a list none. */
static uint32_t
notify_of(const struct forward *forward, uint32_t asked)
{
	uint32_t notify = asked & ~(uint32_t)NOTIFY_SUCCESS;

	if (forward->is_list)
		return 0;
	if (forward->count == 1)
		return asked;
	return asked != 0 && notify == 0 ? NOTIFY_NEVER : notify;
}

static void
send_envelope(struct forwarding *forwarding,
    const struct message_deliver_recipient *recipient)
{
	const struct message_deliver *request = &forwarding->delivery->request;
	const struct forward *forward = forwarding->forward;
	struct span original =
	    dsn_decode_orcpt(forwarding->delivery->pool, recipient->original);

	conversation_send_begin(forwarding->conversation,
	    &(struct message_begin){
		.sender = forward->sender,
		.flags = request->flags &
		    ~(uint32_t)(MESSAGE_FLAG_LOCAL | MESSAGE_FLAG_REQUEUED),
		.origin = ORIGIN_FORWARD,
		.client_name = request->client_name,
		.client_address = request->client_address,
		.helo = request->helo,
		.protocol = request->protocol,
		.envelope_id =
		    forward->is_list ? SPAN_EMPTY : request->envelope_id,
		.ret = forward->is_list ? RET_NOT_GIVEN : request->ret,
	    });
	for (size_t i = 0; i < forward->count; i++)
		conversation_send_recipient(forwarding->conversation,
		    &(struct message_recipient){
			.address = forward->addresses[i],
			.original = original,
			.original_recipient =
			    recipient->original_recipient.len > 0
			    ? recipient->original_recipient
			    : recipient->address,
			.notify = notify_of(forward, recipient->notify),
		    });
}

static void
make_headers(const struct forwarding *forwarding, struct buf *headers)
{
	char date[DATE_TEXT_SIZE];
	struct span address = forwarding->forward->delivered_to;
	struct buf quoted;

	header_open(headers, "Received");
	header_printf(headers, "by %s (%s)", service_common()->myhostname,
	    service_common()->mail_name);
	header_fold(headers);
	header_printf(headers, "id %.*s; %s",
	    SPAN_ARGS(forwarding->delivery->request.queue_id),
	    date_format_mail(clock_wall(), date));
	header_close(headers);
	buf_init(&quoted, 2 * address.len + 8);
	must(mail_address_append_quoted(&quoted, address));
	header_append(headers, "Delivered-To", buf_span(&quoted));
	buf_finish(&quoted);
}

static bool
send_content(struct forwarding *forwarding, struct error *error)
{
	struct buf headers;
	bool sent;

	buf_init(&headers, HEADERS_MAXIMUM);
	make_headers(forwarding, &headers);
	sent = passage_send(forwarding->conversation, forwarding->delivery,
	    buf_span(&headers), forwarding->deadline, error);
	buf_finish(&headers);
	return sent;
}

/* All recipients or none. */
static bool
converse(struct forwarding *forwarding,
    const struct message_deliver_recipient *recipient, struct error *error)
{
	struct message_end end = {.commit = true};

	send_envelope(forwarding, recipient);
	if (!send_content(forwarding, error) ||
	    !cleanup_answer_id(forwarding->conversation, forwarding->deadline,
		forwarding->queue_id, error))
		return false;
	for (size_t i = 0; i < forwarding->forward->count; i++)
		if (!cleanup_answer_accepted(
			forwarding->conversation, forwarding->deadline, error))
			return false;
	conversation_send_end(forwarding->conversation, &end);
	return cleanup_answer_accepted(
	    forwarding->conversation, forwarding->deadline, error);
}

static void
set_sent(const struct forwarding *forwarding, struct delivery_result *result)
{
	const char *text = pool_printf(forwarding->delivery->pool,
	    "forwarded as %s", forwarding->queue_id);

	result->outcome = forwarding->forward->is_list ? DELIVERY_SENT
	    : forwarding->forward->count == 1          ? DELIVERY_PASSED_ON
						       : DELIVERY_EXPANDED;
	result->dsn = SPAN("2.0.0");
	result->text = text == NULL ? SPAN("forwarded") : span_text(text);
}

void
forward_message(const struct delivery *delivery,
    const struct delivery_recipient *recipient, const struct forward *forward,
    struct delivery_result *result)
{
	struct forwarding forwarding = {
	    .delivery = delivery,
	    .forward = forward,
	    .deadline = loop_deadline(service_common()->ipc_timeout),
	};
	struct error error;
	bool sent = false;

	forwarding.conversation = switchboard_converse(
	    "cleanup", loop_deadline(DIAL_PATIENCE), &error);
	if (forwarding.conversation != NULL)
		sent = converse(&forwarding, &recipient->request, &error);
	conversation_close(forwarding.conversation);
	if (sent) {
		set_sent(&forwarding, result);
		return;
	}
	log_warning(&delivery->log, "cleanup: %s", error.text);
	result->outcome = DELIVERY_DEFERRED;
	result->dsn = SPAN("4.3.0");
	result->text = SPAN("unable to forward message");
}
