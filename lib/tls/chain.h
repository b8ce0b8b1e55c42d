/* SPDX-License-Identifier: MIT */
/* The certificates by which a program is known, each with its key and the
 * certificates of those who have signed it: one for each kind of key. */
#ifndef TLS_CHAIN_H
#define TLS_CHAIN_H

#include <openssl/ssl.h>

#include "lib/base/error.h"
#include "lib/base/span.h"

enum {
	CHAIN_LIST_MAXIMUM = 8
};

struct chain {
	X509 *certificate;
	EVP_PKEY *key;
	STACK_OF(X509) * signers;
};

/* Zeroed: empty. */
struct chain_list {
	struct chain chains[CHAIN_LIST_MAXIMUM];
	size_t count;
};

/* Adds those of the files, which white space and commas separate: keys, each
 * followed by its certificate and those of the signers, in the same file or the
 * next. */
bool chain_list_add_files(
    struct chain_list *list, struct span files, struct error *error) MUST_USE;
/* Adds one: the certificate, then the signers, in one file, the key in another
 * or the same. */
bool chain_list_add_pair(struct chain_list *list, const char *file,
    const char *key_file, struct error *error) MUST_USE;
void chain_list_finish(struct chain_list *list);

/* For all connections of the context, or for this one. */
bool chain_list_use(const struct chain_list *list, SSL_CTX *context,
    struct error *error) MUST_USE;
bool chain_list_use_once(const struct chain_list *list, SSL *ssl) MUST_USE;

#endif
