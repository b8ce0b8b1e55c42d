/* SPDX-License-Identifier: MIT */
/* A stored message from within. Private to lib/queue. */
#ifndef QUEUE_STORED_PRIVATE_H
#define QUEUE_STORED_PRIVATE_H

#include "lib/queue/format.h"
#include "lib/queue/source.h"
#include "lib/queue/stored.h"

struct stored_private {
	struct source source; /* its descriptor is ours */
	struct format_head head;
	struct format_end end;
	struct extent journal; /* the sound records */
	bool journal_is_torn;  /* there are bytes behind them */
};

/* An empty one, to be filled by stored_parse; `fd` (-1: none) becomes its own
 * and is closed in any case. NULL at the pool's maximum. */
struct stored *stored_create(
    struct pool *pool, const struct locator *locator, int fd) MUST_USE;

/* As stored_open, for a file that is open already; `fd` becomes the stored
 * message's and is closed in any case. The error is never NULL. */
struct stored *stored_open_fd(struct pool *pool, const struct locator *locator,
    int fd, enum stored_result *result, struct error *error) MUST_USE;

#endif
