/* SPDX-License-Identifier: MIT */
/* What TLS is about in this process: the levels and the context, made of the
 * parameters once at the start. */
#ifndef SMTPD_TLS_SERVER_H
#define SMTPD_TLS_SERVER_H

#include "lib/tls/secure.h"

#include "smtpd/params.h"

enum tls_server_level {
	TLS_SERVER_NONE,
	TLS_SERVER_MAY,
	TLS_SERVER_ENCRYPT
};

struct tls_server {
	enum tls_server_level level;
	bool wraps;       /* TLS comes before the greeting */
	bool asks;        /* clients for a certificate */
	bool requires;    /* one that is trusted */
	SSL_CTX *context; /* NULL: there is no TLS */
};

/* "", none, may, encrypt, and what is stronger for clients, which means
 * encrypt; the older parameters count when it is empty. False for other words.
 */
bool tls_server_parse_level(const struct smtpd_params *params,
    enum tls_server_level *level, struct error *error) MUST_USE;

/* Reads certificates and keys. False stops the start. */
bool tls_server_open(
    const struct smtpd_params *params, struct error *error) MUST_USE;

/* When the process serves: follows keyd's keys for session tickets. */
void tls_server_begin(void);

const struct tls_server *tls_server(void);

#endif
