/* SPDX-License-Identifier: MIT */
#include "smtp/transaction.h"

#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/daemon/service.h"

#include "smtp/client.h"
#include "smtp/content.h"
#include "smtp/envelope.h"
#include "smtp/postmaster.h"
#include "smtp/transaction_content.h"

enum {
	COMMAND_MAXIMUM = 8192, /* bytes */
	/* Commands that are sent before their replies are read. Bounded, so
	 * that both sides can never wait for the other to read. */
	BATCH_MAXIMUM = 50
};

static size_t
data_step(const struct transaction *transaction)
{
	return transaction->count + 1;
}

static const char *
command_name(const struct transaction *transaction, size_t step)
{
	return step == 0                     ? "MAIL FROM"
	    : step == data_step(transaction) ? "DATA"
					     : "RCPT TO";
}

/* ---- commands ---- */

static bool
append_command(
    const struct transaction *transaction, size_t step, struct buf *out)
{
	unsigned features = transaction->session->features;

	if (step == 0)
		return envelope_append_mail(
		    out, &transaction->attempt->delivery->request, features);
	if (step == data_step(transaction))
		return buf_append_text(out, "DATA");
	return envelope_append_rcpt(out,
	    &transaction->recipients[step - 1]->delivered->request, features);
}

/* False when the transaction has failed. */
static bool
send_step(struct transaction *transaction, size_t step)
{
	struct session *session = transaction->session;
	struct error error;
	struct buf command;
	char doing[32];
	bool sent;

	buf_init(&command, COMMAND_MAXIMUM);
	sent = append_command(transaction, step, &command);
	if (!sent)
		error_set(&error, ERROR_INVALID, "unusable address");
	sent = sent &&
	    session_command(
		session, &error, "%.*s", SPAN_ARGS(buf_span(&command)));
	buf_finish(&command);
	snprintf(
	    doing, sizeof doing, "sending %s", command_name(transaction, step));
	if (!sent)
		transaction_fail_with_error(transaction, &error, doing);
	return sent;
}

/* Without PIPELINING one at a time. DATA waits until a recipient was accepted,
 * unless it is in the same batch. */
static bool
send_batch(struct transaction *transaction)
{
	size_t steps = data_step(transaction) + 1;
	size_t end = transaction->sent + 1;

	if ((transaction->session->features & FEATURE_PIPELINING) != 0)
		end = transaction->sent + BATCH_MAXIMUM < steps
		    ? transaction->sent + BATCH_MAXIMUM
		    : steps;
	while (transaction->sent < end)
		if (!send_step(transaction, transaction->sent++))
			return false;
	transaction->session->needs_reset = true;
	return true;
}

/* ---- replies ---- */

static void
take_mail_reply(struct transaction *transaction, const struct reply *reply)
{
	if (reply_is_positive(reply))
		return;
	transaction_fail_with_reply(transaction, reply, "MAIL FROM command");
}

static void
take_rcpt_reply(struct transaction *transaction, struct recipient *recipient,
    const struct reply *reply)
{
	if (transaction->has_failed)
		return;
	if (reply_is_positive(reply)) {
		recipient->state = RECIPIENT_ACCEPTED;
		transaction->accepted++;
		return;
	}
	transaction_fail_recipient(
	    transaction, recipient, reply, "RCPT TO command");
}

/* A server may say 354 although it took no recipient (RFC 2920 3.1). */
static void
take_data_reply(struct transaction *transaction, const struct reply *reply)
{
	transaction->may_send = reply->code == 354;
	if (transaction->may_send || transaction->has_failed ||
	    transaction->accepted == 0)
		return;
	transaction_fail_with_reply(transaction, reply, "DATA command");
}

static void
take_reply(
    struct transaction *transaction, size_t step, const struct reply *reply)
{
	if (step == 0)
		take_mail_reply(transaction, reply);
	else if (step == data_step(transaction))
		take_data_reply(transaction, reply);
	else
		take_rcpt_reply(
		    transaction, transaction->recipients[step - 1], reply);
}

static int64_t
timeout_of(const struct transaction *transaction, size_t step)
{
	const struct client_params *params = &client()->params;

	return step == 0                     ? params->mail_timeout
	    : step == data_step(transaction) ? params->data_init_timeout
					     : params->rcpt_timeout;
}

/* A kept connection that is gone when it is used again says nothing about the
 * message. */
static bool
looks_stale(const struct transaction *transaction, const struct error *error)
{
	return transaction->session->uses > 1 && transaction->answered == 0 &&
	    (error == NULL || error->kind == ERROR_CLOSED ||
		error->kind == ERROR_SYSTEM);
}

static bool
read_replies(struct transaction *transaction)
{
	struct session *session = transaction->session;
	struct reply reply;
	struct error error;
	char doing[32];

	for (; transaction->answered < transaction->sent;
	     transaction->answered++) {
		size_t step = transaction->answered;

		if (session_read_reply(session, timeout_of(transaction, step),
			&reply, &error)) {
			transaction->is_stale =
			    reply.code == 421 && looks_stale(transaction, NULL);
			if (transaction->is_stale)
				return false;
			take_reply(transaction, step, &reply);
			if (!session->is_broken)
				continue;
			error_set(&error, ERROR_CLOSED, "closing");
		}
		transaction->is_stale = looks_stale(transaction, &error);
		snprintf(doing, sizeof doing, "sending %s",
		    command_name(transaction, step));
		if (!transaction->is_stale && !transaction->has_failed)
			transaction_fail_with_error(transaction, &error, doing);
		return false;
	}
	return true;
}

/* Up to the reply to DATA; false when no content is to be sent. */
static bool
exchange_envelope(struct transaction *transaction)
{
	size_t steps = data_step(transaction) + 1;

	while (transaction->sent < steps) {
		if (transaction->sent == data_step(transaction) &&
		    transaction->accepted == 0)
			return false;
		if (!send_batch(transaction) || !read_replies(transaction) ||
		    transaction->has_failed)
			break;
	}
	/* After a failure 354 is nonsense: nothing that could be taken for a
	 * message is sent. */
	if (transaction->has_failed && transaction->may_send)
		transaction->session->is_broken = true;
	return transaction->may_send && !transaction->has_failed;
}

/* ---- the whole ---- */

static bool
collect_pending(struct transaction *transaction)
{
	struct attempt *attempt = transaction->attempt;

	transaction->recipients = pool_alloc(
	    attempt->pool, attempt->count * sizeof *transaction->recipients);
	if (transaction->recipients == NULL)
		return false;
	for (size_t i = 0; i < attempt->count; i++)
		if (attempt->recipients[i].state != RECIPIENT_DONE) {
			attempt->recipients[i].outcome = NULL;
			transaction->recipients[transaction->count++] =
			    &attempt->recipients[i];
		}
	return true;
}

/* Mail that nobody asked SMTPUTF8 for leaves as it always did. */
static bool
session_carries_utf8(
    const struct session *session, const struct attempt *attempt)
{
	return (session->features & FEATURE_SMTPUTF8) != 0 ||
	    (attempt->delivery->request.flags & MESSAGE_FLAG_SMTPUTF8) == 0;
}

static const struct delivery_result *
utf8_refusal(const struct transaction *transaction)
{
	const struct session *session = transaction->session;
	struct outcome_place place = session_place(session);

	return outcome_failure(transaction->attempt->pool, &place, "5.6.7",
	    "SMTPUTF8 is required, but was not offered by host %s",
	    session->where);
}

/* What stands in the way of a conversion that the server makes necessary. */
static const struct delivery_result *
plan_downgrade(struct transaction *transaction)
{
	const struct common_params *common = service_common();
	const struct mime_limits limits = {
	    .nesting = (size_t)common->mime_nesting_limit,
	    .boundary = (size_t)common->mime_boundary_length_limit,
	};
	struct attempt *attempt = transaction->attempt;
	struct outcome_place place = session_place(transaction->session);
	struct error error;

	if (!content_needs_downgrade(
		attempt->delivery, transaction->session->features))
		return NULL;
	transaction->downgrade = downgrade_create(&limits);
	if (content_measure(attempt->delivery, transaction->downgrade, &error))
		return NULL;
	if (error.kind == ERROR_TEMPORARY)
		postmaster_note_error(transaction->session, &error);
	return outcome_failure(attempt->pool, &place,
	    error.kind == ERROR_LIMIT ? "5.6.3" : "4.3.0", "%s", error.text);
}

/* What the server's offer makes impossible, or NULL. */
static const struct delivery_result *
find_obstacle(struct transaction *transaction)
{
	const struct session *session = transaction->session;
	struct attempt *attempt = transaction->attempt;
	struct outcome_place place = session_place(session);

	if (session->size_limit > 0 &&
	    delivery_size(attempt->delivery) > session->size_limit)
		return outcome_failure(attempt->pool, &place, "5.3.4",
		    "message size %" PRIu64 " exceeds size limit %" PRIu64
		    " of server %s",
		    delivery_size(attempt->delivery), session->size_limit,
		    session->where);
	if (!session_carries_utf8(session, attempt) &&
	    envelope_needs_utf8(&attempt->delivery->request))
		return utf8_refusal(transaction);
	return plan_downgrade(transaction);
}

/* A server without SMTPUTF8 gets the recipients whose addresses are ASCII. */
static void
drop_utf8_recipients(struct transaction *transaction)
{
	size_t count = 0;

	if (session_carries_utf8(transaction->session, transaction->attempt))
		return;
	for (size_t i = 0; i < transaction->count; i++) {
		struct recipient *recipient = transaction->recipients[i];

		if (text_is_ascii(recipient->delivered->request.address))
			transaction->recipients[count++] = recipient;
		else
			attempt_conclude(transaction->attempt, recipient,
			    utf8_refusal(transaction));
	}
	transaction->count = count;
}

static void
transact(struct transaction *transaction)
{
	drop_utf8_recipients(transaction);
	if (transaction->count == 0 || !exchange_envelope(transaction))
		return;
	if (transaction->accepted > 0)
		transaction_content_send(transaction);
	else
		transaction_content_skip(transaction);
}

enum transaction_result
transaction_run(struct session *session, struct attempt *attempt)
{
	struct transaction transaction = {
	    .session = session, .attempt = attempt};
	const struct delivery_result *obstacle;

	if (!collect_pending(&transaction)) {
		attempt_conclude_all(attempt, &outcome_no_memory);
		return TRANSACTION_ENDED;
	}
	obstacle = find_obstacle(&transaction);
	if (obstacle != NULL)
		transaction_fail(&transaction, obstacle);
	else
		transact(&transaction);
	downgrade_destroy(transaction.downgrade);
	return transaction.is_stale ? TRANSACTION_STALE : TRANSACTION_ENDED;
}
