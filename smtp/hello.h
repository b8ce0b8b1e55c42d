/* SPDX-License-Identifier: MIT */
/* The beginning of a session: greeting, then EHLO, HELO or LHLO, and TLS. */
#ifndef SMTP_HELLO_H
#define SMTP_HELLO_H

#include "smtp/session.h"
#include "smtp/tls_client.h"

/* NULL when mail can follow; else why not: deferred means that the next host
 * may be tried, bounced that no host will do. */
const struct delivery_result *hello_exchange(struct session *session,
    struct pool *pool, const struct server *server,
    const struct tls_goal *goal) MUST_USE;

/* Notes what a line of the answer to EHLO offers; exposed for tests. `discard`
 * lists keywords that count for nothing. */
void hello_take_feature(
    struct session *session, struct span line, struct span discard);

#endif
