/* SPDX-License-Identifier: MIT */
/* What the two halves of the provider share: remote_key.c has the keys,
 * remote_signature.c signs with them. */
#ifndef TLS_REMOTE_PRIVATE_H
#define TLS_REMOTE_PRIVATE_H

#include <openssl/core.h>

#include "lib/tls/key_name.h"
#include "lib/tls/remote_key.h"

/* Created, filled and freed by OpenSSL through the provider. */
struct remote_key {
	const char *type;     /* as OpenSSL calls it */
	EVP_PKEY *public;     /* NULL until imported */
	bool is_private;      /* false: a peer's public key that is compared */
	struct key_name name; /* of a private one */
};

/* Has the signature made elsewhere. */
bool remote_key_ask(const struct message_sign *request, struct buf *signature,
    struct error *error);

extern const OSSL_ALGORITHM remote_signatures[];

#endif
