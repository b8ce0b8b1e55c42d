/* SPDX-License-Identifier: MIT */
/* What a table of TLS policies says of a destination: "secure match=a:b
 * protocols=TLSv1.3". A value that borrows from the text. */
#ifndef SMTP_TLS_POLICY_H
#define SMTP_TLS_POLICY_H

#include "lib/base/error.h"
#include "lib/base/span.h"

/* In the order of what they demand. */
enum tls_level {
	TLS_LEVEL_NONE,
	TLS_LEVEL_MAY,       /* if the server offers it */
	TLS_LEVEL_DANE,      /* as DNS says; may, as long as that is nothing */
	TLS_LEVEL_ENCRYPT,   /* nothing is sent without */
	TLS_LEVEL_DANE_ONLY, /* as DNS says, or not at all */
	TLS_LEVEL_FINGERPRINT, /* the certificate is one of those named */
	TLS_LEVEL_VERIFY,      /* it is trusted, and has one of the names */
	TLS_LEVEL_SECURE       /* the same with names that need no DNS */
};

enum {
	TLS_POLICY_MATCHES = 16
};

struct tls_policy {
	enum tls_level level;
	/* Each a list of its own; none: what the parameters say. */
	struct span matches[TLS_POLICY_MATCHES];
	size_t match_count;
	struct span protocols; /* these are empty when not given */
	struct span ciphers;
	struct span exclude;
	struct span server_name;
};

/* "none", "may" ... in any case; "half-dane" is as "dane". */
bool tls_level_parse(
    struct span name, enum tls_level *level, struct error *error) MUST_USE;
const char *tls_level_name(enum tls_level level);

/* Level, then attributes name=value or {name = value}, which white space or
 * commas separate. Protocols and ciphers are checked. False for attributes that
 * nobody knows, or that demand what is not done. */
bool tls_policy_parse(
    struct span text, struct tls_policy *policy, struct error *error) MUST_USE;

/* Takes the next name or fingerprint from the front of a match list. Names are
 * separated by colons, commas and white space, fingerprints, which have colons,
 * by "|", commas and white space. */
bool tls_policy_take_match(
    struct span *rest, enum tls_level level, struct span *word);

#endif
