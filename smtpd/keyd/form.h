/* SPDX-License-Identifier: MIT */
/* What keyd agrees to sign: bytes that can only have come out of a TLS
 * handshake. Whoever breaks into a worker may have sessions signed while that
 * lasts, and nothing else: no mail, no certificate, no digest of his own. */
#ifndef SMTPD_KEYD_FORM_H
#define SMTPD_KEYD_FORM_H

#include "lib/base/span.h"
#include "lib/ipc/messages.h"

enum form {
	FORM_NONE, /* not to be signed */
	/* TLS 1.2, RFC 5246 7.4.3, RFC 8422 5.4: both randoms and the ephemeral
	 * key that the server offers. */
	FORM_SERVER_KEY_EXCHANGE,
	/* TLS 1.3, RFC 8446 4.4.3: 64 blanks, whose words these are, and the
	 * hash of the handshake. */
	FORM_SERVER_VERIFY,
	FORM_CLIENT_VERIFY,
	/* TLS 1.2, RFC 5246 7.4.8: all messages of the handshake so far. */
	FORM_CLIENT_TRANSCRIPT
};

enum form form_recognise(struct span content);

/* Whether a handshake signs this form in such a way. */
bool form_allows(
    enum form form, enum sign_digest digest, enum sign_padding padding);

/* Who says it. */
enum key_side form_side(enum form form);

#endif
