/* SPDX-License-Identifier: MIT */
/* What of a session postmaster is told: notes in its transcript when a server
 * does what it must not, and has the transcript sent when the session is
 * through with a message. */
#ifndef SMTP_POSTMASTER_H
#define SMTP_POSTMASTER_H

#include "lib/daemon/delivery.h"
#include "lib/daemon/notice_class.h"

#include "smtp/session.h"

enum {
	/* What a session can be about, enum notice_class. */
	POSTMASTER_CLASSES = NOTICE_CLASS_DATA | NOTICE_CLASS_PROTOCOL
};

/* The class (enum notice_class) of a reply that is not the good one, or 0: a
 * server may refuse mail, but not find a command wrong, or use a code of
 * another kind. */
unsigned postmaster_class_of_reply(const struct reply *reply);
/* The same of what ended an operation. `in_mail`: in the middle of a
 * transaction a server may not just hang up. */
unsigned postmaster_class_of_error(enum error_kind kind, bool in_mail);

void postmaster_note_reply(struct session *session, const struct reply *reply);
void postmaster_note_error(struct session *session, const struct error *error);

/* The session did what it could for the delivery. */
void postmaster_tell(struct session *session, const struct delivery *delivery);

#endif
