/* SPDX-License-Identifier: MIT */
/* What a TLS connection uses, in the words of Postfix's log lines and Received
 * headers. */
#ifndef TLS_SUMMARY_H
#define TLS_SUMMARY_H

#include "lib/base/buf.h"
#include "lib/tls/secure.h"

/* Appends "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)". */
void summary_append_cipher(struct buf *out, const struct secure *secure);
/* Appends "key-exchange x25519", "server-signature RSA-PSS (2048 bits)
 * server-digest SHA256", the same of the client's; nothing when it was not
 * part of the handshake. */
void summary_append_exchange(struct buf *out, const struct secure *secure);
void summary_append_server(struct buf *out, const struct secure *secure);
void summary_append_client(struct buf *out, const struct secure *secure);

/* All of them with a blank between. */
void summary_append(struct buf *out, const struct secure *secure);

/* "Anonymous", "Untrusted", "Trusted", "Verified". */
const char *summary_trust(const struct secure *secure);

/* The common name, or when there is none the organisation, of the peer's
 * certificate or of who signed it: UTF-8 without control characters, NULL when
 * there is none. The caller frees it. */
char *summary_subject(const struct secure *secure);
char *summary_issuer(const struct secure *secure);

#endif
