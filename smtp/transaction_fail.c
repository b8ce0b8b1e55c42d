/* SPDX-License-Identifier: MIT */
#include "smtp/postmaster.h"
#include "smtp/transaction_private.h"

/* A recipient that was refused by name keeps that outcome. */
static bool
has_own_outcome(const struct recipient *recipient)
{
	return recipient->state == RECIPIENT_DONE ||
	    (recipient->state == RECIPIENT_PENDING &&
		recipient->outcome != NULL);
}

/* A deferral leaves the recipient pending, for another host. */
static void
settle(struct attempt *attempt, struct recipient *recipient,
    const struct delivery_result *outcome, bool is_final)
{
	if (is_final || outcome->outcome == DELIVERY_BOUNCED) {
		attempt_conclude(attempt, recipient, outcome);
		return;
	}
	recipient->state = RECIPIENT_PENDING;
	recipient->outcome = outcome;
}

static void
settle_all(struct transaction *transaction,
    const struct delivery_result *outcome, bool is_final)
{
	for (size_t i = 0; i < transaction->count; i++)
		if (!has_own_outcome(transaction->recipients[i]))
			settle(transaction->attempt, transaction->recipients[i],
			    outcome, is_final);
	transaction->has_failed = true;
}

void
transaction_fail(
    struct transaction *transaction, const struct delivery_result *outcome)
{
	settle_all(transaction, outcome, false);
}

void
transaction_fail_with_error(struct transaction *transaction,
    const struct error *error, const char *doing)
{
	transaction->session->is_broken = true;
	transaction_fail(transaction,
	    session_failure(transaction->session, transaction->attempt->pool,
		error, doing));
}

static const struct delivery_result *
refusal(struct transaction *transaction, const struct reply *reply,
    const char *command)
{
	struct outcome_place place = session_place(transaction->session);

	postmaster_note_reply(transaction->session, reply);
	/* Who knows what such a server says next. */
	if (!reply_is_temporary(reply) && !reply_is_permanent(reply))
		transaction->session->is_broken = true;
	return outcome_refused(
	    transaction->attempt->pool, &place, reply, command);
}

void
transaction_fail_with_reply(struct transaction *transaction,
    const struct reply *reply, const char *command)
{
	transaction_fail(transaction, refusal(transaction, reply, command));
}

void
transaction_fail_recipient(struct transaction *transaction,
    struct recipient *recipient, const struct reply *reply, const char *command)
{
	settle(transaction->attempt, recipient,
	    refusal(transaction, reply, command), false);
}

void
transaction_fail_unknown(
    struct transaction *transaction, const struct error *error)
{
	transaction->session->is_broken = true;
	settle_all(transaction,
	    session_failure(transaction->session, transaction->attempt->pool,
		error,
		"sending end of data -- message may be sent more than once"),
	    true);
}
