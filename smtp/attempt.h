/* SPDX-License-Identifier: MIT */
/* How far a delivery has come: each recipient and its latest outcome, until
 * that is final and reported. Lives in the delivery's pool. */
#ifndef SMTP_ATTEMPT_H
#define SMTP_ATTEMPT_H

#include "lib/daemon/delivery.h"

#include "smtp/outcome.h"

enum recipient_state {
	RECIPIENT_PENDING,  /* to be tried, or tried without a final result */
	RECIPIENT_ACCEPTED, /* the server took it in this transaction */
	RECIPIENT_DONE      /* its outcome is reported */
};

struct recipient {
	struct delivery_recipient *delivered;
	enum recipient_state state;
	const struct delivery_result *outcome; /* the last one, or NULL */
};

struct attempt {
	struct delivery *delivery;
	struct pool *pool; /* the delivery's */
	struct recipient *recipients;
	size_t count;
};

/* False when the pool is full. */
bool attempt_init(struct attempt *attempt, struct delivery *delivery) MUST_USE;

bool attempt_has_pending(const struct attempt *attempt);

/* The outcome so far of all recipients that are not done, which are pending
 * from then on. What a server has said of one counts more. */
void attempt_postpone(
    struct attempt *attempt, const struct delivery_result *outcome);
/* Makes the outcome final. */
void attempt_conclude(struct attempt *attempt, struct recipient *recipient,
    const struct delivery_result *outcome);
/* The same for all recipients that are not done. */
void attempt_conclude_all(
    struct attempt *attempt, const struct delivery_result *outcome);

#endif
