/* SPDX-License-Identifier: MIT */
/* What cleanup answers to those who give it a message (BEGIN in messages.def):
 * the same for smtpd, pickup, bounce, local and qmgr. */
#ifndef DAEMON_CLEANUP_ANSWER_H
#define DAEMON_CLEANUP_ANSWER_H

#include "lib/ipc/conversation.h"
#include "lib/mail/reply.h"

enum {
	CLEANUP_ID_SIZE = 32 /* of a queue id, with the NUL */
};

/* Waits for BEGUN. False: no answer in time, or none that makes sense. */
bool cleanup_answer_id(struct conversation *conversation, int64_t deadline,
    char id[CLEANUP_ID_SIZE], struct error *error) MUST_USE;

/* Waits for a REPLY, whatever it says. */
bool cleanup_answer_reply(struct conversation *conversation, int64_t deadline,
    struct reply *reply, struct error *error) MUST_USE;

/* Waits for a REPLY that must be positive; what another one says is then in
 * *error, as ERROR_LIMIT (no space is left), ERROR_TEMPORARY or ERROR_INVALID.
 */
bool cleanup_answer_accepted(struct conversation *conversation,
    int64_t deadline, struct error *error) MUST_USE;

#endif
