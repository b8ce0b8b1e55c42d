/* SPDX-License-Identifier: MIT */
/* What stands behind the '@': a host name or an address literal. Pure tests on
 * borrowed text; nothing is looked up. */
#ifndef MAIL_DOMAIN_H
#define MAIL_DOMAIN_H

#include "lib/base/error.h"
#include "lib/base/span.h"

enum {
	DOMAIN_MAXIMUM = 255,
	DOMAIN_LABEL_MAXIMUM = 63
};

/* Labels of 1 to 63 letters, digits, '_' and inner '-', 255 bytes in all, no
 * final dot, not made of digits and dots alone. With `utf8` also labels of
 * well-formed UTF-8 (SMTPUTF8). The words in `error` follow "invalid name: ".
 */
bool domain_is_hostname(struct span domain, bool utf8, struct error *error);
/* A host name with a dot in it. */
bool domain_is_fully_qualified(struct span domain);
/* [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 4.1.3); *ip, if not NULL, is the
 * bare address text without brackets and tag. */
bool domain_is_literal(struct span domain, struct span *ip);
/* [tag:content] of RFC 5321 4.1.3 with any tag: well formed, but nothing that
 * mail can be sent to. */
bool domain_is_general_literal(struct span domain);

#endif
