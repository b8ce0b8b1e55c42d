/* SPDX-License-Identifier: MIT */
/* A connection to a server and what is known of it. Owned by the delivery that
 * uses it, or by reuse.c while none does. */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "lib/base/list.h"
#include "lib/daemon/transcript.h"
#include "lib/mail/reply.h"
#include "lib/net/stream.h"

#include "smtp/outcome.h"
#include "smtp/server_list.h"

/* What the server offered in its answer to EHLO. */
enum session_feature {
	FEATURE_PIPELINING = 1,
	FEATURE_SIZE = 2,
	FEATURE_8BITMIME = 4,
	FEATURE_DSN = 8,
	FEATURE_SMTPUTF8 = 16,
	FEATURE_STARTTLS = 32
};

struct secure;

enum {
	SESSION_NAME_SIZE = 300
};

struct session {
	struct stream stream;
	struct secure *secure; /* TLS on it, or NULL */
	char *goal_key;        /* what was demanded, as tls_client.h has it */
	char *cache_key;       /* of TLS sessions with the server */
	bool has_no_tls;       /* the handshake has failed */
	struct address address;
	char name[SESSION_NAME_SIZE];      /* "mx.example" */
	char where[2 * SESSION_NAME_SIZE]; /* "mx.example[192.0.2.1]" */
	char relay[2 * SESSION_NAME_SIZE]; /* the same with ":25" */
	unsigned features;
	uint64_t size_limit; /* of a message; 0: none known */
	unsigned uses;       /* messages, with the one under way */
	int64_t opened;      /* loop_now() */
	int64_t connected;   /* wall time at which the first message could go */
	bool needs_reset;    /* a transaction was begun and not ended */
	bool is_broken;      /* nothing more can be said */
	struct transcript transcript; /* since the message before */
	struct list idle_node;        /* reuse.c's */
	struct loop_timer idle_timer;
};

/* Connects, for mail with that demand; NULL with *failure set when it fails,
 * which is then logged. */
struct session *session_open(struct pool *pool, const struct server *server,
    const char *goal_key, const struct delivery_result **failure) MUST_USE;
/* Closes without a word. */
void session_close(struct session *session);
/* Says QUIT first, unless the session is broken; may wait. */
void session_quit(struct session *session);

struct outcome_place session_place(const struct session *session);

/* Queues a command; `format` is without the line end. */
bool session_command(struct session *session, struct error *error,
    const char *format, ...) MUST_USE PRINTF_LIKE(3, 4);
/* The next reply, after what is queued was sent. A failure breaks the
 * session. */
bool session_read_reply(struct session *session, int64_t timeout,
    struct reply *reply, struct error *error) MUST_USE;

/* The same, line by line: take(owner, text) is called for the text of each. */
struct session_lines {
	void (*take)(void *owner, struct span text);
	void *owner;
};

bool session_read_lines(struct session *session, int64_t timeout,
    const struct session_lines *lines, struct reply *reply,
    struct error *error) MUST_USE;

/* The server has said something that nobody asked for yet. Does not wait. */
bool session_has_input(struct session *session);

/* RSET and its answer; false breaks the session. */
bool session_reset(struct session *session);

/* The words for an operation that failed: "lost connection with X while
 * `doing`" and the like. */
const struct delivery_result *session_failure(const struct session *session,
    struct pool *pool, const struct error *error, const char *doing)
    __attribute__((returns_nonnull));

#endif
