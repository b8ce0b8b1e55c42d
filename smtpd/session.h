/* SPDX-License-Identifier: MIT */
/* One SMTP session (RFC 5321 3.1): a coroutine that owns the connection, the
 * client's identity and the current transaction. */
#ifndef SMTPD_SESSION_H
#define SMTPD_SESSION_H

#include "lib/base/list.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/transcript.h"
#include "lib/log/log.h"
#include "lib/mail/command.h"
#include "lib/mail/reply.h"
#include "lib/net/stream.h"

#include "smtpd/client.h"
#include "smtpd/params.h"
#include "smtpd/transaction.h"

enum {
	SESSION_HELLO_MAXIMUM = 256 /* bytes of a HELO name that are kept */
};

struct secure;

struct verb_count {
	uint32_t good;
	uint32_t all;
};

struct session {
	struct list node;     /* of all sessions */
	struct pool *pool;    /* connection lifetime */
	struct pool *scratch; /* cleared after each command */
	struct stream stream;
	struct secure *secure; /* TLS on it, or NULL */
	const struct smtpd_params *params;
	struct client client;
	struct log_context log; /* the queue id, or NOQUEUE */
	const char *hello;      /* NULL before HELO and EHLO */
	char hello_text[SESSION_HELLO_MAXIMUM + 1];
	bool is_esmtp;
	bool is_local;        /* in mynetworks */
	bool rewrites_header; /* local_header_rewrite_clients */
	struct transaction transaction;
	struct transcript transcript;
	struct verb_count counts[VERB_COUNT];
	uint32_t errors;
	uint32_t junk; /* since the last message */
	enum verb last_verb;
	uint16_t last_code; /* of the newest reply */
	bool is_refused;    /* from the start: only QUIT is left to it */
	bool is_idle;       /* waits for a command */
	bool is_over;
	bool begins_anew; /* TLS was begun: nothing said before counts */
	struct flight_slot *flight;
};

/* Serves one client until it is gone; takes `fd`. */
void session_run(const char *listener, int fd, const struct address *peer);

/* Queues a reply; it leaves when the session next waits. A code of 400 or more
 * counts as an error. `status` may be NULL. */
void session_reply(struct session *session, uint16_t code, const char *status,
    const char *format, ...) PRINTF_LIKE(4, 5);
void session_send(struct session *session, const struct reply *reply);

/* Forgets the message in hand, in the log and the flight recorder too. */
void session_reset(struct session *session);

/* Wakes the sessions that wait for a new message: they say goodbye. */
void session_drain_all(void);

/* A message was accepted: smtpd_session_time_limit begins anew. */
void session_note_message(struct session *session);
/* So many bytes of a message came, which earn time as smtpd_min_data_rate says,
 * up to what a new session has. */
void session_note_data(struct session *session, size_t count);

/* When a read or write that waits must have ended: smtpd_timeout from now. */
int64_t session_deadline(const struct session *session);

/* "SMTP" or "ESMTP", for logs and Received. */
const char *session_protocol(const struct session *session);

/* Waits for the client and ends the session when it fails: the connection is
 * lost, or silent for too long (421 4.4.2). */
void session_lost(struct session *session, const struct error *error);

/* The line about a client that has gone without QUIT. */
void session_log_lost(struct session *session);

#endif
