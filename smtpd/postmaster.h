/* SPDX-License-Identifier: MIT */
/* What of a session postmaster is told: notes commands and replies in its
 * transcript, and sends that at the end if something happened. */
#ifndef SMTPD_POSTMASTER_H
#define SMTPD_POSTMASTER_H

#include "smtpd/session.h"

/* The class (enum notice_class) of what a reply says, or 0. */
unsigned postmaster_class_of(const struct reply *reply);

void postmaster_note_command(
    struct session *session, const struct command *command, struct span line);
void postmaster_note_reply(struct session *session, const struct reply *reply);

/* The session is over. In a coroutine. */
void postmaster_tell(struct session *session);

#endif
