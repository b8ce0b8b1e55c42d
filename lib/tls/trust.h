/* SPDX-License-Identifier: MIT */
/* Whose signatures count: certificates of authorities, all read at the start,
 * since a daemon has no files later. */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H

#include <openssl/ssl.h>

#include "lib/base/error.h"

struct trust_sources {
	const char *file;      /* PEM, or empty */
	const char *directory; /* with names as "openssl rehash" makes them, or
				* empty */
	bool has_defaults;     /* those of the system, too */
};

/* Adds them to those that the context trusts. */
bool trust_load(SSL_CTX *context, const struct trust_sources *sources,
    struct error *error) MUST_USE;

/* Whether `name` is one that a directory's certificate is found under:
 * "3bde41ac.0". */
bool trust_is_hashed_name(const char *name);

#endif
