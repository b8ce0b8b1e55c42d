/* SPDX-License-Identifier: MIT */
/* One client of showq's public sockets.
 *
 * `showq`: sends the listing (listing.h) and closes.
 * `flush`: reads lines, "flush" or "id QUEUEID", and answers each with a line
 * "code text": 250 done, 450 try again, 501 not understood, 550 not allowed. */
#ifndef SHOWQ_SESSION_H
#define SHOWQ_SESSION_H

#include "lib/net/address.h"

/* Opens the queue; false when that fails. */
bool session_open(struct error *error) MUST_USE;

/* The session() of service.h. */
void session_serve(const char *listener, int fd, const struct address *peer);

#endif
