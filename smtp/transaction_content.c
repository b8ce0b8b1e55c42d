/* SPDX-License-Identifier: MIT */
#include "smtp/transaction_content.h"

#include "smtp/client.h"
#include "smtp/content.h"
#include "smtp/postmaster.h"

enum {
	LAST_WORDS = 1 /* seconds for a reply of a server that hung up */
};

/* The server hung up in the middle, or spoke before it had the message: then
 * a refusal counts, anything else is no answer to what it has not seen. */
static void
fail_early(struct transaction *transaction, struct error *error)
{
	static const char doing[] = "sending message body";
	struct session *session = transaction->session;
	struct reply reply;

	if (session_has_input(session) &&
	    session_read_reply(session, LAST_WORDS, &reply, error)) {
		session->is_broken = true;
		if (reply_is_temporary(&reply) || reply_is_permanent(&reply)) {
			transaction_fail_with_reply(
			    transaction, &reply, "DATA command");
			return;
		}
		error_set(error, ERROR_INVALID, "reply before the message");
	}
	postmaster_note_error(session, error);
	transaction_fail_with_error(transaction, error, doing);
}

static bool
send_text(struct transaction *transaction)
{
	struct session *session = transaction->session;
	struct error error = {.kind = ERROR_CLOSED};

	if (!session_has_input(session) &&
	    content_send(transaction->attempt->delivery, transaction->downgrade,
		&session->stream, &error) &&
	    !session_has_input(session))
		return true;
	fail_early(transaction, &error);
	return false;
}

/* RFC 3461 5.2.2: who reports. An LMTP server is where mail ends. */
static enum delivery_outcome
kind_of(const struct session *session)
{
	if ((session->features & FEATURE_DSN) != 0)
		return DELIVERY_PASSED_ON;
	return client()->is_lmtp ? DELIVERY_SENT : DELIVERY_RELAYED;
}

static void
take_reply(struct transaction *transaction, struct recipient *recipient,
    const struct reply *reply)
{
	struct session *session = transaction->session;
	struct outcome_place place = session_place(session);

	if (reply_is_positive(reply))
		attempt_conclude(transaction->attempt, recipient,
		    outcome_sent(transaction->attempt->pool, &place, reply,
			kind_of(session)));
	else
		transaction_fail_recipient(
		    transaction, recipient, reply, "end of DATA command");
}

/* SMTP has one reply for all, LMTP one for each recipient (RFC 2033 4.2). */
static bool
read_replies(struct transaction *transaction)
{
	struct session *session = transaction->session;
	bool has_reply = false;
	struct reply reply;
	struct error error;

	for (size_t i = 0; i < transaction->count; i++) {
		struct recipient *recipient = transaction->recipients[i];

		if (recipient->state != RECIPIENT_ACCEPTED)
			continue;
		if ((client()->is_lmtp || !has_reply) &&
		    !session_read_reply(session,
			client()->params.data_done_timeout, &reply, &error)) {
			transaction_fail_unknown(transaction, &error);
			return false;
		}
		has_reply = true;
		take_reply(transaction, recipient, &reply);
	}
	return true;
}

void
transaction_content_send(struct transaction *transaction)
{
	struct session *session = transaction->session;
	int64_t deadline;
	struct error error;

	if (!send_text(transaction))
		return;
	deadline = loop_deadline(client()->params.data_xfer_timeout);
	if (!stream_write(&session->stream, SPAN(".\r\n"), deadline, &error) ||
	    !stream_flush(&session->stream, deadline, &error)) {
		postmaster_note_error(session, &error);
		transaction_fail_unknown(transaction, &error);
	} else if (read_replies(transaction))
		session->needs_reset = false;
	if (session_has_input(session))
		session->is_broken = true;
}

void
transaction_content_skip(struct transaction *transaction)
{
	struct session *session = transaction->session;
	struct reply reply;

	if (!session_command(session, NULL, ".") ||
	    !session_read_reply(
		session, client()->params.data_done_timeout, &reply, NULL))
		session->is_broken = true;
}
