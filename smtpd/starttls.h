/* SPDX-License-Identifier: MIT */
/* TLS in a session: STARTTLS (RFC 3207), TLS before the greeting, and what may
 * not be said without. */
#ifndef SMTPD_STARTTLS_H
#define SMTPD_STARTTLS_H

#include "smtpd/session.h"

/* STARTTLS. The session goes on as a new one inside TLS, or is over. */
void starttls_handle(struct session *session, const struct command *command);

/* The handshake of a service whose clients begin with it. False when the
 * session is over. */
bool starttls_wrap(struct session *session) MUST_USE;

/* STARTTLS would be taken now. */
bool starttls_is_offered(const struct session *session);

/* The command must wait for TLS. */
bool starttls_must_come_first(const struct session *session, enum verb verb);

#endif
