/* SPDX-License-Identifier: MIT */
/* An address that may have characters outside ASCII, as it stands behind
 * "utf-8;" in ORCPT and in reports (RFC 6533 section 3): what is not printable
 * or means something, and outside ASCII whatever there is, is \x{HEX} with the
 * number of the character. */
#ifndef MAIL_UNITEXT_H
#define MAIL_UNITEXT_H

#include "lib/base/buf.h"

/* Appends the form that is ASCII only (utf-8-addr-xtext). False when `text` is
 * not UTF-8, or the buffer is at its maximum. */
bool unitext_encode(struct buf *out, struct span text) MUST_USE;

/* Appends what `text` stands for. Bytes above 127 may stand for themselves with
 * `utf8` only; "+HH" is taken as in xtext. False when `text` is no such form,
 * or the buffer is at its maximum; what was appended before is then taken back.
 * Decoded control characters, and "+HH" that is no UTF-8, are the caller's to
 * judge. */
bool unitext_decode(struct buf *out, struct span text, bool utf8) MUST_USE;

#endif
