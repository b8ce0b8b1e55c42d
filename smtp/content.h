/* SPDX-License-Identifier: MIT */
/* Sends a message's content as what follows DATA, without the final dot; and
 * converts it for servers that take 7 bits only. */
#ifndef SMTP_CONTENT_H
#define SMTP_CONTENT_H

#include "lib/mail/downgrade.h"
#include "lib/net/stream.h"

#include "smtp/attempt.h"

/* The body has bytes that a server with these features (session.h) must not
 * get, and they are to be encoded. */
bool content_needs_downgrade(
    const struct delivery *delivery, unsigned features);
/* Finds out what content_send will have to convert. False: ERROR_LIMIT when
 * that cannot be done, with words for the sender, or a failed read. */
bool content_measure(const struct delivery *delivery,
    struct downgrade *downgrade, struct error *error) MUST_USE;

/* Dots are stuffed and long lines cut where its flags say that
 * there are any; what needs neither leaves as it is, from a large file by
 * sendfile. The last line ends in CRLF. With `downgrade`, which was measured,
 * what that makes of the content is sent; else it is NULL. A message that
 * cannot be read is ERROR_TEMPORARY. */
bool content_send(const struct delivery *delivery, struct downgrade *downgrade,
    struct stream *stream, struct error *error) MUST_USE;

#endif
