/* SPDX-License-Identifier: MIT */
/* What all TLS connections of one kind have in common: OpenSSL's SSL_CTX, with
 * what the suite wants of it. No renegotiation, no compression, no early data,
 * sessions in tickets only. */
#ifndef TLS_CONTEXT_H
#define TLS_CONTEXT_H

#include "lib/tls/chain.h"
#include "lib/tls/trust.h"

struct context_settings {
	unsigned protocols;  /* see protocols.h */
	const char *ciphers; /* up to TLS 1.2, in OpenSSL's language */
	const char *groups;  /* for the exchange of keys, separated by white
			      * space */
	struct trust_sources trust;
	int depth; /* most signers between a certificate and one that is
		    * trusted */

	/* For servers. */
	bool prefers_own_ciphers;
	bool asks_certificate; /* of clients */
	/* Sessions are resumed only where this is the same. */
	struct span scope;
};

/* For SSL_CTX_free; NULL when a setting is unusable. `chains` may be empty; the
 * context keeps what it needs of it. */
SSL_CTX *context_create_server(const struct context_settings *settings,
    const struct chain_list *chains, struct error *error) MUST_USE;
SSL_CTX *context_create_client(const struct context_settings *settings,
    const struct chain_list *chains, struct error *error) MUST_USE;

/* For one connection, which may have limits of its own. */
bool context_limit(SSL *ssl, unsigned protocols, const char *ciphers) MUST_USE;

/* Certificates by the name that a client asks for. */
struct context_names {
	/* `name` is a host name in lower case. NULL: the usual ones. */
	const struct chain_list *(*find)(struct span name);
};

/* `names` outlives the context. */
void context_on_name(SSL_CTX *context, const struct context_names *names);

#endif
