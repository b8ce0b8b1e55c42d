/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648 section 4), padded, without line ends. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "lib/base/buf.h"

/* Appends; false at the buffer's maximum. */
bool base64_encode(struct span bytes, struct buf *out);

/* Appends; false, with nothing to rely on in `out`, when `text` is no base64
 * (anything between the digits, wrong padding, bits that belong to no byte), or
 * at the buffer's maximum. */
bool base64_decode(struct span text, struct buf *out) MUST_USE;

#endif
