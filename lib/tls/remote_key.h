/* SPDX-License-Identifier: MIT */
/* Keys whose private half is in another process: an EVP_PKEY that has the
 * public half, can be used by a TLS context like any other, and has signatures
 * made elsewhere. RSA, EC and Ed25519. Nothing but signing: an RSA key of this
 * kind decrypts nothing, so contexts must not offer the RSA exchange of keys.
 *
 * They are an OpenSSL provider of their own, in a library context of their own:
 * keys of peers are never decoded by it. */
#ifndef TLS_REMOTE_KEY_H
#define TLS_REMOTE_KEY_H

#include <openssl/evp.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/ipc/messages.h"

/* From now on sign() makes the signatures: it fills *signature as `request`
 * says, and may suspend the coroutine; OpenSSL's error queue is kept for the
 * caller meanwhile. */
void remote_key_set_signer(bool (*sign)(const struct message_sign *request,
    struct buf *signature, struct error *error));

/* The remote key whose public half is that of `key`, for EVP_PKEY_free. NULL
 * for a kind of key that is none of ours. */
EVP_PKEY *remote_key_create(const EVP_PKEY *key, struct error *error) MUST_USE;

#endif
