/* SPDX-License-Identifier: MIT */
/* Fingerprints of certificates and public keys: "AB:CD:..." . */
#ifndef TLS_FINGERPRINT_H
#define TLS_FINGERPRINT_H

#include <openssl/x509.h>

#include "lib/base/error.h"
#include "lib/base/span.h"

enum {
	FINGERPRINT_SIZE = 3 * EVP_MAX_MD_SIZE + 1
};

/* A digest by name ("sha256"), of library_context(); the caller frees it with
 * EVP_MD_free. NULL when there is no such digest. */
EVP_MD *fingerprint_digest(const char *name, struct error *error) MUST_USE;

/* Of the whole certificate, or of its public key (as RFC 7469 has it). */
void fingerprint_certificate(
    X509 *certificate, const EVP_MD *digest, char text[FINGERPRINT_SIZE]);
void fingerprint_key(
    X509 *certificate, const EVP_MD *digest, char text[FINGERPRINT_SIZE]);

/* Whether `text` is the fingerprint, with or without colons, in any case. */
bool fingerprint_equal(const char *fingerprint, struct span text);

#endif
