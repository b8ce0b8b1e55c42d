/* SPDX-License-Identifier: MIT */
/* One connection to the submission socket, whose protocol is SMTP: one function
 * that reads from greeting to QUIT, in a coroutine of its own. */
#ifndef PICKUP_SESSION_H
#define PICKUP_SESSION_H

#include "lib/mail/command.h"
#include "lib/net/address.h"
#include "lib/net/stream.h"

#include "pickup/transaction.h"

enum {
	SESSION_POOL_MAXIMUM = 2 << 20, /* bytes */
	SESSION_LINE_MAXIMUM = 4096,    /* bytes of a command */
	SESSION_ERRORS_MAXIMUM = 100
};

struct session {
	struct stream stream;
	struct pool *pool;
	struct pool *scratch; /* cleared after each command */
	struct submitter submitter;
	struct transaction transaction;
	unsigned errors;
	bool has_greeted; /* HELO or EHLO came */
	bool is_over;
};

/* Serves the client and closes `fd`. */
void session_serve(const char *listener, int fd, const struct address *peer);

/* Queues a reply; one that is no success counts as an error. `status` may be
 * NULL. */
void session_reply(struct session *session, uint16_t code, const char *status,
    const char *format, ...) PRINTF_LIKE(4, 5);
void session_send(struct session *session, const struct reply *reply);

/* For each wait for the client. */
int64_t session_deadline(void);

#endif
