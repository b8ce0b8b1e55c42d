/* SPDX-License-Identifier: MIT */
/* Names that clients ask for in their first TLS message (RFC 6066 3, SNI, and
 * RFC 7301, ALPN): hostile bytes, and text only. */
#ifndef TLS_SERVER_NAME_H
#define TLS_SERVER_NAME_H

#include "lib/base/span.h"

enum {
	SERVER_NAME_SIZE = 256
};

/* Puts the name in lower case, NUL-terminated, into `name`; *span is of that.
 * False when it is no host name: labels of letters, digits, "-" and "_". */
bool server_name_parse(
    struct span text, char name[SERVER_NAME_SIZE], struct span *span) MUST_USE;

/* From the key of a table to the next one to look for: "a.b.example",
 * ".b.example", ".example". False at the end. */
bool server_name_widen(struct span *name) MUST_USE;

/* For a list of protocols in ALPN's format: whether SMTP is among them. *smtp
 * is then its entry, without the length. False when it is not, or the list is
 * damaged. */
bool server_name_offers_smtp(struct span list, struct span *smtp) MUST_USE;

#endif
