/* SPDX-License-Identifier: MIT */
/* TLS in a session: with STARTTLS (RFC 3207), or before the greeting, and
 * whether the server is who it should be. */
#ifndef SMTP_STARTTLS_H
#define SMTP_STARTTLS_H

#include "smtp/session.h"
#include "smtp/tls_client.h"

/* After the answer to EHLO: begins TLS if that is wanted and offered. NULL when
 * the session may go on; *begun then tells whether it does so inside TLS, where
 * EHLO comes first. Else why it may not. */
const struct delivery_result *starttls_begin(struct session *session,
    struct pool *pool, const struct tls_goal *goal, bool *begun) MUST_USE;

/* The same for servers that begin with TLS. */
const struct delivery_result *starttls_wrap(struct session *session,
    struct pool *pool, const struct tls_goal *goal) MUST_USE;

/* The line about the TLS of a session: "established" or, for one that has been
 * used before, "reused". */
void starttls_log(const struct session *session, const char *how);

#endif
