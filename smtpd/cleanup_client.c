/* SPDX-License-Identifier: MIT */
#include "smtpd/cleanup_client.h"

#include "lib/daemon/cleanup_answer.h"
#include "lib/daemon/service.h"

enum {
	CONNECT_PATIENCE = 10 /* seconds */
};

static void
reply_failure(
    struct session *session, const struct error *error, struct reply *reply)
{
	log_warning(&session->log, "cleanup: %s", error->text);
	session->transaction.lost = true;
	reply_set(reply, 451, "4.3.0", "Error: queue file write error");
}

static int64_t
answer_deadline(void)
{
	return loop_deadline(service_common()->ipc_timeout);
}

static bool
begin(struct session *session, struct error *error)
{
	struct transaction *transaction = &session->transaction;
	struct message_begin message = {
	    .sender = transaction->sender.text,
	    .flags = transaction->flags |
		(session->rewrites_header ? MESSAGE_FLAG_LOCAL : 0),
	    .origin = ORIGIN_SMTPD,
	    .client_name = span_text(session->client.name),
	    .client_address = span_text(session->client.ip),
	    .helo = span_text(session->hello),
	    .protocol = span_text(session_protocol(session)),
	    .envelope_id = transaction->envelope_id,
	    .ret = transaction->ret,
	};

	transaction->cleanup = switchboard_converse(
	    "cleanup", loop_deadline(CONNECT_PATIENCE), error);
	if (transaction->cleanup == NULL)
		return false;
	conversation_send_begin(transaction->cleanup, &message);
	return true;
}

/* BEGIN and the first RECIPIENT leave in one write, and so do their answers. */
static bool
converse(struct session *session, const struct message_recipient *recipient,
    struct reply *reply, struct error *error)
{
	struct transaction *transaction = &session->transaction;
	bool is_first = transaction->cleanup == NULL;

	if (is_first && !begin(session, error))
		return false;
	conversation_send_recipient(transaction->cleanup, recipient);
	if (is_first &&
	    !cleanup_answer_id(transaction->cleanup, answer_deadline(),
		transaction->queue_id, error))
		return false;
	return cleanup_answer_reply(
	    transaction->cleanup, answer_deadline(), reply, error);
}

void
cleanup_client_recipient(struct session *session,
    const struct message_recipient *recipient, struct reply *reply)
{
	struct error error = {.text = "the conversation is broken"};

	if (session->transaction.lost ||
	    !converse(session, recipient, reply, &error))
		reply_failure(session, &error, reply);
}

bool
cleanup_client_content(struct session *session)
{
	struct transaction *transaction = &session->transaction;
	struct error error;

	if (!transaction->lost &&
	    !conversation_send_content(transaction->cleanup,
		buf_span(&transaction->outgoing), false, answer_deadline(),
		&error)) {
		log_warning(&session->log, "cleanup: %s", error.text);
		transaction->lost = true;
	}
	buf_clear(&transaction->outgoing);
	return !transaction->lost;
}

void
cleanup_client_commit(struct session *session, struct reply *reply)
{
	static const struct message_end end = {.commit = true};
	struct transaction *transaction = &session->transaction;
	struct error error = {.text = "the conversation is broken"};

	if (!cleanup_client_content(session)) {
		reply_failure(session, &error, reply);
		return;
	}
	conversation_send_end(transaction->cleanup, &end);
	if (!cleanup_answer_reply(
		transaction->cleanup, answer_deadline(), reply, &error))
		reply_failure(session, &error, reply);
}
