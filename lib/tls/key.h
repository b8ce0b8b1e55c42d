/* SPDX-License-Identifier: MIT */
/* Private keys of certificates. Where the private operations happen, here or in
 * another process, is decided behind this one function; whoever uses the key
 * sees an EVP_PKEY of library_context() that signs. An operation may suspend
 * the coroutine, with OpenSSL's error queue as it was afterwards. */
#ifndef TLS_KEY_H
#define TLS_KEY_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "lib/base/error.h"

/* From now on keys are at keyd: key_open opens no file but calls
 * announce(file), which sees to it that keyd has the keys in it, and gives a
 * key whose signatures are made there. Whether the file has the right key is
 * not looked at; a process that only checks the configuration does that. */
void key_keep_at_keyd(void (*announce)(const char *file));

/* The key that belongs to `certificate`, for EVP_PKEY_free. `file` is where the
 * configuration says that it is: PEM, perhaps with other keys and certificates
 * in it. NULL when there is none. Called before privileges are given up. */
EVP_PKEY *key_open(
    X509 *certificate, const char *file, struct error *error) MUST_USE;

#endif
