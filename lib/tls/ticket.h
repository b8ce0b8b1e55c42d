/* SPDX-License-Identifier: MIT */
/* The keys of session tickets (RFC 5077; RFC 8446 4.6.1). They come from
 * outside, the same for all workers of a service; the process has one set. The
 * first key makes tickets, the others only open those that were made before a
 * rotation, and the client then gets a new one. */
#ifndef TLS_TICKET_H
#define TLS_TICKET_H

#include <openssl/ssl.h>

#include "lib/base/base.h"

enum {
	TICKET_NAME_SIZE = 16,
	TICKET_KEY_SIZE = 32,
	TICKET_KEYS_MAXIMUM = 3
};

struct ticket_key {
	unsigned char name[TICKET_NAME_SIZE];
	unsigned char aes[TICKET_KEY_SIZE];  /* AES-256-CBC */
	unsigned char hmac[TICKET_KEY_SIZE]; /* SHA-256 */
};

struct ticket_keys {
	size_t count; /* 0: no tickets are made, none is taken */
	struct ticket_key keys[TICKET_KEYS_MAXIMUM]; /* the newest first */
};

/* From now on these. At any time. */
void ticket_set(const struct ticket_keys *keys);
bool ticket_has_keys(void);
/* A fresh random key in front; the oldest goes when there are more than the
 * maximum of `keep`. For whoever makes the keys. */
void ticket_rotate(struct ticket_keys *keys, size_t keep);

/* Server contexts that are to use the process's keys. */
void ticket_attach(SSL_CTX *context);

#endif
