/* SPDX-License-Identifier: MIT */
/* Sockets that others connect to, and connections out. Every descriptor is
 * close-on-exec and non-blocking. */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include "lib/loop/loop.h"
#include "lib/net/address.h"

/* A bound and listening stream socket, or -1. A UNIX socket's path is removed
 * first if nobody listens there; the new one gets `mode`. */
int listen_open(const struct address *address, int backlog, mode_t mode,
    struct error *error) MUST_USE;

/* The next waiting connection, or -1 when there is none (or an error that only
 * concerns that connection). With errno EMFILE, ENFILE, ENOBUFS or ENOMEM the
 * process can take none: the owner removes the listener from the loop for a
 * while, or it is called again at once. *peer may be NULL. */
int listen_accept(int listener, struct address *peer);

/* A connected stream socket or -1. Waits (coroutine or poll) until `deadline`.
 * `source` (may be NULL) is bound first. */
int connect_open(const struct address *address, const struct address *source,
    int64_t deadline, struct error *error) MUST_USE;

#endif
