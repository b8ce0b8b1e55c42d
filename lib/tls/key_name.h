/* SPDX-License-Identifier: MIT */
/* What a private key is called between processes: the SHA-256 of its public key
 * as a SubjectPublicKeyInfo, which certificate and key have in common. */
#ifndef TLS_KEY_NAME_H
#define TLS_KEY_NAME_H

#include <openssl/evp.h>

#include "lib/base/span.h"

enum {
	KEY_NAME_SIZE = 32,
	KEY_NAME_TEXT_SIZE = 17 /* enough to tell keys apart in a log */
};

struct key_name {
	unsigned char bytes[KEY_NAME_SIZE];
};

/* False for a key that has no public part or none that can be written. */
bool key_name_find(EVP_PKEY *key, struct key_name *name) MUST_USE;

static inline struct span
key_name_span(const struct key_name *name)
{
	return span_of(name->bytes, sizeof name->bytes);
}

/* The first bytes in hexadecimal digits, with a NUL. */
void key_name_show(struct span name, char text[KEY_NAME_TEXT_SIZE]);

#endif
