/* SPDX-License-Identifier: MIT */
/* A connection to a server that answers questions, made when it is needed and
 * kept. Every call ends at its deadline (of clock_monotonic) at the latest,
 * except that a host name is looked up as long as the system does. Blocks: for
 * threads and commands. Embedded in its owner. */
#ifndef TABLE_SERVER_LINK_H
#define TABLE_SERVER_LINK_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

struct server_link {
	char *host; /* NULL: a UNIX socket */
	char *port; /* or its path */
	int fd;     /* -1: not connected */
};

/* "inet:host:port", "unix:path" or "host:port", the host perhaps in brackets.
 * The link needs server_link_finish unless it is ERROR_INVALID. */
bool server_link_init(struct server_link *link, struct span endpoint,
    struct error *error) MUST_USE;
void server_link_finish(struct server_link *link);

/* Makes sure that there is a connection with nothing in it; *fresh says whether
 * it is new. */
bool server_link_connect(struct server_link *link, int64_t deadline,
    bool *fresh, struct error *error) MUST_USE;
void server_link_close(struct server_link *link);

bool server_link_write(struct server_link *link, struct span bytes,
    int64_t deadline, struct error *error) MUST_USE;
/* Appends what comes, at least a byte; a buffer that is full is ERROR_LIMIT. */
bool server_link_read(struct server_link *link, struct buf *into,
    int64_t deadline, struct error *error) MUST_USE;

#endif
