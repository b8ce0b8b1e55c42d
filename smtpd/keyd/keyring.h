/* SPDX-License-Identifier: MIT */
/* The private keys, by name (lib/tls/key_name.h). They come in files, each
 * under a number of master's; a key stays as long as one of the files does that
 * it was in, so that the keys of two configurations overlap. The process has
 * one keyring. */
#ifndef SMTPD_KEYD_KEYRING_H
#define SMTPD_KEYD_KEYRING_H

#include <openssl/evp.h>

#include "lib/base/error.h"
#include "lib/base/span.h"

/* Adds the keys in the PEM file `fd`, for `side` (enum key_side) of handshakes;
 * *count says how many. False when the file is unreadable or has none. What is
 * no usable key in it is passed over. */
bool keyring_add(uint32_t number, uint32_t side, int fd, size_t *count,
    struct error *error) MUST_USE;
void keyring_forget(uint32_t number);

/* NULL when there is none of that name; *sides then is unchanged, else a sum of
 * enum key_side. Borrowed until the next forget. */
EVP_PKEY *keyring_find(struct span name, unsigned *sides);

size_t keyring_count(void);

#endif
