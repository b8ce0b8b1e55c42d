/* SPDX-License-Identifier: MIT */
/* TLS sessions that servers let us resume, by server and by what was demanded
 * of it. They belong to the process. */
#ifndef SMTP_TLS_CACHE_H
#define SMTP_TLS_CACHE_H

#include "lib/tls/secure.h"

/* How long a session is good, in seconds; 0 (as it begins): none is kept. */
void tls_cache_open(int64_t lifetime);

/* A session for SSL_SESSION_free, or NULL. Those of TLS 1.3 are for one use
 * each (RFC 8446 C.4). */
SSL_SESSION *tls_cache_take(
    const char *key, int64_t now, enum secure_trust *trust) MUST_USE;

/* Takes the session, instead of the one before under the key. `now` is
 * loop_now(). */
void tls_cache_keep(const char *key, SSL_SESSION *session,
    enum secure_trust trust, int64_t now);

#endif
