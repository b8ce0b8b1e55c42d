/* SPDX-License-Identifier: MIT */
/* Connections that are open and idle, for the next message to the same host.
 * They belong to the process. */
#ifndef SMTP_REUSE_H
#define SMTP_REUSE_H

#include "smtp/session.h"

/* An idle session with the server that was opened for the same demand, now the
 * caller's, or NULL. */
struct session *reuse_take(
    const struct server *server, const char *goal_key) MUST_USE;

/* Takes the session: keeps it for a while if it can be used again, or ends it,
 * which never makes the caller wait. */
void reuse_give(struct session *session);

/* Takes the session and ends it without making the caller wait. */
void reuse_end(struct session *session);

/* Ends all idle sessions; those given later are ended at once. */
void reuse_stop(void);

#endif
