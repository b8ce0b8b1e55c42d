/* SPDX-License-Identifier: MIT */
/* A message with 8-bit content made fit for a way that has 7 bits (RFC 6152 3):
 * the leaves of its MIME structure that need it are encoded, base64 where that
 * is shorter and else quoted-printable, and their headers say so; all other
 * bytes stay. Header fields are not converted.
 *
 * Two passes over the same content: the first finds out which leaves need it,
 * the second writes. Owned by whoever creates it. */
#ifndef MAIL_DOWNGRADE_H
#define MAIL_DOWNGRADE_H

#include "lib/base/error.h"
#include "lib/mail/mime_walk.h"

enum {
	DOWNGRADE_ENTITIES_MAXIMUM = 1 << 20 /* of a message */
};

struct downgrade;

/* Takes a run of the message; false stops. */
typedef bool (*downgrade_sink)(void *owner, struct span run);

struct downgrade *downgrade_create(const struct mime_limits *limits)
    __attribute__((returns_nonnull));
/* NULL is allowed. */
void downgrade_destroy(struct downgrade *downgrade);

/* First pass: the content in pieces of any size, then the end. The end is false
 * when the message cannot be converted, with words for its sender. */
void downgrade_measure(struct downgrade *downgrade, struct span content);
bool downgrade_measure_end(
    struct downgrade *downgrade, struct error *error) MUST_USE;

/* Second pass, which may be made again. False as soon as the sink says so. */
void downgrade_begin(
    struct downgrade *downgrade, downgrade_sink sink, void *owner);
bool downgrade_feed(struct downgrade *downgrade, struct span content) MUST_USE;
bool downgrade_end(struct downgrade *downgrade) MUST_USE;

#endif
