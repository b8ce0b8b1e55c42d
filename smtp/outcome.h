/* SPDX-License-Identifier: MIT */
/* Makes the results of a delivery: what became of one or more recipients, in
 * the words of a delivery line and of a notice. They live in the delivery's
 * pool and do not change. */
#ifndef SMTP_OUTCOME_H
#define SMTP_OUTCOME_H

#include "lib/daemon/delivery.h"
#include "lib/mail/reply.h"

/* For when there is no memory to say more. */
extern const struct delivery_result outcome_no_memory;

/* Where something happened; zeroed when there is no connection. */
struct outcome_place {
	const char *name;  /* "mx.example" */
	const char *where; /* "mx.example[192.0.2.1]" */
	const char *relay;
	unsigned uses;
	int64_t connected;
};

/* Never NULL: when the pool is full the result is a deferral that says so. The
 * class of `dsn` decides between deferred and bounced. */
const struct delivery_result *outcome_failure(struct pool *pool,
    const struct outcome_place *place, const char *dsn, const char *format, ...)
    PRINTF_LIKE(4, 5) __attribute__((returns_nonnull));

/* "host X said: 450 4.2.0 text (in reply to RCPT TO command)". A reply of
 * another class than 4 and 5 is a breach of the protocol and a deferral. */
const struct delivery_result *outcome_refused(struct pool *pool,
    const struct outcome_place *place, const struct reply *reply,
    const char *command) __attribute__((returns_nonnull));

/* "host X refused to talk to me: 421 text". */
const struct delivery_result *outcome_unwelcome(struct pool *pool,
    const struct outcome_place *place, const struct reply *reply)
    __attribute__((returns_nonnull));

/* The same failure as one of the handshake. */
const struct delivery_result *outcome_at_hello(struct pool *pool,
    const struct delivery_result *failure) __attribute__((returns_nonnull));

/* Sent: DELIVERY_PASSED_ON when the host sends the notices that were asked for,
 * otherwise DELIVERY_RELAYED, or DELIVERY_SENT where mail ends. */
const struct delivery_result *outcome_sent(struct pool *pool,
    const struct outcome_place *place, const struct reply *reply,
    enum delivery_outcome kind) __attribute__((returns_nonnull));

#endif
