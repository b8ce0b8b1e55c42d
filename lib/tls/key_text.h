/* SPDX-License-Identifier: MIT */
/* Private keys as they are written in files. */
#ifndef TLS_KEY_TEXT_H
#define TLS_KEY_TEXT_H

#include <openssl/evp.h>

#include "lib/tls/pem.h"

/* The key in a block for which pem_is_key holds, for EVP_PKEY_free; NULL when
 * it is unreadable, or behind a passphrase. */
EVP_PKEY *key_text_decode(const struct pem_block *block) MUST_USE;

#endif
