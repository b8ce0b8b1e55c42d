/* SPDX-License-Identifier: MIT */
/* The OpenSSL library context of the process. Everything that has to do with
 * TLS lives in it; no configuration file and no environment variable of OpenSSL
 * has a say. Made at the first use, which belongs before the sandbox: nothing
 * is loaded later. */
#ifndef TLS_LIBRARY_H
#define TLS_LIBRARY_H

#include <openssl/crypto.h>

#include "lib/base/error.h"

/* Never NULL: without its algorithms the process ends. */
OSSL_LIB_CTX *library_context(void) __attribute__((returns_nonnull));

/* Sets *error to `what` and the reason at the end of OpenSSL's error queue,
 * which is emptied; returns false. */
bool library_failure(struct error *error, const char *format, ...)
    PRINTF_LIKE(2, 3);

#endif
