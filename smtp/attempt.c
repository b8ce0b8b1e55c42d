/* SPDX-License-Identifier: MIT */
#include "smtp/attempt.h"

bool
attempt_init(struct attempt *attempt, struct delivery *delivery)
{
	*attempt = (struct attempt){
	    .delivery = delivery,
	    .pool = delivery->pool,
	    .recipients = pool_alloc(
		delivery->pool, delivery->count * sizeof *attempt->recipients),
	    .count = delivery->count,
	};
	if (attempt->recipients == NULL)
		return false;
	for (size_t i = 0; i < attempt->count; i++)
		attempt->recipients[i].delivered = &delivery->recipients[i];
	return true;
}

bool
attempt_has_pending(const struct attempt *attempt)
{
	for (size_t i = 0; i < attempt->count; i++)
		if (attempt->recipients[i].state != RECIPIENT_DONE)
			return true;
	return false;
}

void
attempt_postpone(struct attempt *attempt, const struct delivery_result *outcome)
{
	for (size_t i = 0; i < attempt->count; i++) {
		struct recipient *recipient = &attempt->recipients[i];

		if (recipient->state == RECIPIENT_DONE)
			continue;
		recipient->state = RECIPIENT_PENDING;
		if (recipient->outcome == NULL ||
		    recipient->outcome->reply.len == 0)
			recipient->outcome = outcome;
	}
}

void
attempt_conclude(struct attempt *attempt, struct recipient *recipient,
    const struct delivery_result *outcome)
{
	recipient->state = RECIPIENT_DONE;
	recipient->outcome = outcome;
	delivery_report(attempt->delivery, recipient->delivered, outcome);
}

void
attempt_conclude_all(
    struct attempt *attempt, const struct delivery_result *outcome)
{
	for (size_t i = 0; i < attempt->count; i++)
		if (attempt->recipients[i].state != RECIPIENT_DONE)
			attempt_conclude(
			    attempt, &attempt->recipients[i], outcome);
}
