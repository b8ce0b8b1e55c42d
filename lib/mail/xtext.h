/* SPDX-License-Identifier: MIT */
/* xtext of RFC 3461 section 4: any bytes as printable ASCII without blanks,
 * '+' and '=', by "+" and two upper-case hexadecimal digits. */
#ifndef MAIL_XTEXT_H
#define MAIL_XTEXT_H

#include "lib/base/buf.h"

/* False when the buffer is at its maximum. */
bool xtext_encode(struct buf *out, struct span text);
/* False when `text` is no xtext, or the buffer is at its maximum; what was
 * appended before is then taken back. Decoded control characters are the
 * caller's to judge. */
bool xtext_decode(struct buf *out, struct span text) MUST_USE;

#endif
