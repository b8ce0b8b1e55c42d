/* SPDX-License-Identifier: MIT */
/* The session's side of the conversation with cleanup, where the message is
 * stored. A cleanup that cannot be reached, or breaks off, is a temporary
 * failure of the transaction in hand. */
#ifndef SMTPD_CLEANUP_CLIENT_H
#define SMTPD_CLEANUP_CLIENT_H

#include "smtpd/session.h"

/* Adds one recipient, opening the conversation at the first. *reply is
 * cleanup's, or 451 4.3.0. */
void cleanup_client_recipient(struct session *session,
    const struct message_recipient *recipient, struct reply *reply);

/* Sends the stored form that has been collected; waits for credit. False: the
 * conversation is broken. */
bool cleanup_client_content(struct session *session) MUST_USE;

/* Sends what is left and commits; *reply is the answer to the client. */
void cleanup_client_commit(struct session *session, struct reply *reply);

#endif
