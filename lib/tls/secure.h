/* SPDX-License-Identifier: MIT */
/* TLS on a stream: from the handshake on, what is read and written through the
 * stream is what the peer has said and hears inside. Owned by the owner of the
 * stream, who closes it first. */
#ifndef TLS_SECURE_H
#define TLS_SECURE_H

#include <openssl/ssl.h>

#include "lib/net/stream.h"

/* What the peer's certificate is worth. */
enum secure_trust {
	SECURE_ANONYMOUS, /* there is none */
	SECURE_UNTRUSTED,
	SECURE_TRUSTED, /* an authority that we trust vouches for it */
	SECURE_VERIFIED /* and it has one of the names that were wanted */
};

struct secure;

/* Takes a session that the server lets us resume. */
typedef void (*secure_keep)(
    void *keeper, const struct secure *secure, SSL_SESSION *session);

struct secure {
	struct stream *stream;
	SSL *ssl;
	enum secure_trust trust;
	bool is_resumed;
	bool is_broken;      /* not even a farewell can be said */
	bool is_untrusted;   /* during the handshake */
	bool is_misnamed;    /* so was this */
	const char *problem; /* why it is not trusted; NULL: none known */
	const struct secure_goal *goal; /* of a client, during the handshake */
	secure_keep keep;
	void *keeper;
};

/* Anything after the line that began TLS would have been sent in the clear by
 * whoever could: with unread input in the stream the handshake is refused,
 * ERROR_INVALID. The other failures: ERROR_TIMEOUT; ERROR_CLOSED; ERROR_LIMIT
 * when OpenSSL has run out of something; ERROR_INVALID with OpenSSL's words,
 * which is TLS that went wrong. After a failure the connection is good for
 * nothing. */
struct secure *secure_accept(struct stream *stream, SSL_CTX *context,
    int64_t deadline, struct error *error) MUST_USE;

/* What one connection of a client is about, besides its context. */
struct secure_goal {
	unsigned protocols;
	const char *ciphers;
	const char *server_name;  /* to be sent, or NULL */
	const char *const *names; /* one of which the certificate must have to
				   * be SECURE_VERIFIED; ends with NULL */
	bool joins_wildcards;     /* "*" may stand for several labels */
	SSL_SESSION *session;     /* to be resumed, or NULL; then these hold */
	enum secure_trust trust;
	secure_keep keep; /* now, or while the connection lasts; may be NULL */
	void *keeper;
};

struct secure *secure_connect(struct stream *stream, SSL_CTX *context,
    const struct secure_goal *goal, int64_t deadline,
    struct error *error) MUST_USE;

/* Says good-bye without waiting, takes TLS off the stream, whose descriptor is
 * then good for closing only. NULL is allowed. */
void secure_close(struct secure *secure);

/* The peer's certificate, borrowed, or NULL. */
X509 *secure_peer(const struct secure *secure);

/* The name that a client asked for, or NULL. */
const char *secure_asked_name(const struct secure *secure);

#endif
