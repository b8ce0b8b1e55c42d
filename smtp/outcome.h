/* SPDX-License-Identifier: MIT */
/* What became of one or more recipients, in the words of a delivery line and of
 * a notice. Lives in the delivery's pool and does not change. */
#ifndef SMTP_OUTCOME_H
#define SMTP_OUTCOME_H

#include "lib/base/pool.h"
#include "lib/ipc/messages.h"
#include "lib/mail/reply.h"

struct outcome {
	enum delivery_outcome outcome;
	struct span dsn;    /* "4.4.1" */
	struct span text;   /* as logged in parentheses */
	struct span remote; /* the host that said so, or empty */
	struct span reply;  /* its reply in one line, or empty */
	struct span relay;  /* "mx.example[192.0.2.1]:25" or "none" */
	unsigned uses;      /* of the connection, 0 without one */
	int64_t connected;  /* wall time, 0 without a connection */
};

/* For when there is no memory to say more. */
extern const struct outcome outcome_no_memory;

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
const struct outcome *outcome_failure(struct pool *pool,
    const struct outcome_place *place, const char *dsn, const char *format, ...)
    PRINTF_LIKE(4, 5) __attribute__((returns_nonnull));

/* "host X said: 450 4.2.0 text (in reply to RCPT TO command)". A reply of
 * another class than 4 and 5 is a breach of the protocol and a deferral. */
const struct outcome *outcome_refused(struct pool *pool,
    const struct outcome_place *place, const struct reply *reply,
    const char *command) __attribute__((returns_nonnull));

/* "host X refused to talk to me: 421 text". */
const struct outcome *outcome_unwelcome(struct pool *pool,
    const struct outcome_place *place, const struct reply *reply)
    __attribute__((returns_nonnull));

/* Sent; without `carries_dsn` the host will not send notices of success. */
const struct outcome *outcome_sent(struct pool *pool,
    const struct outcome_place *place, const struct reply *reply,
    bool carries_dsn) __attribute__((returns_nonnull));

#endif
