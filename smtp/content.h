/* SPDX-License-Identifier: MIT */
/* Sends a message's content as what follows DATA, without the final dot. */
#ifndef SMTP_CONTENT_H
#define SMTP_CONTENT_H

#include "lib/net/stream.h"

#include "smtp/attempt.h"

/* Dots are stuffed and long lines cut where its flags say that
 * there are any; what needs neither leaves as it is, from a large file by
 * sendfile. The last line ends in CRLF. */
bool content_send(const struct delivery *delivery, struct stream *stream,
    struct error *error) MUST_USE;

#endif
