/* SPDX-License-Identifier: MIT */
/* TLS with servers: the context and the site's own policy, made of the
 * parameters once at the start, and what the tables say of a next hop. */
#ifndef SMTP_TLS_CLIENT_H
#define SMTP_TLS_CLIENT_H

#include "lib/base/pool.h"
#include "lib/tls/secure.h"

#include "smtp/next_hop.h"
#include "smtp/outcome.h"
#include "smtp/params.h"
#include "smtp/tls_policy.h"

/* What must be so with the servers of a next hop. Lives in the delivery's
 * pool. */
struct tls_goal {
	enum tls_level level; /* none of those that DNS would decide */
	unsigned protocols;
	const char *ciphers;
	/* Names that a certificate may have, "hostname" standing for the
	 * server's, or fingerprints; ends with NULL. */
	const char *const *wanted;
	const char *server_name; /* to be sent: a name, "hostname", or NULL */
	const char *key;         /* the same text for the same demands */
};

/* Reads certificates, keys and authorities. `prefix` is that of the
 * parameters: "smtp" or "lmtp". False stops the start. */
bool tls_client_open(const struct client_params *params, const char *prefix,
    struct error *error) MUST_USE;

/* NULL with the goal; else why the mail has to wait. Asks the lookup
 * service. */
const struct delivery_result *tls_client_find(struct pool *pool,
    const struct next_hop *next_hop, struct tls_goal *goal) MUST_USE;

SSL_CTX *tls_client_context(void);
/* Whether "*" in a certificate may stand for several labels. */
bool tls_client_joins_wildcards(void);
/* Whether the peer's certificate is one of those wanted. */
bool tls_client_has_fingerprint(
    const struct secure *secure, const struct tls_goal *goal);

#endif
