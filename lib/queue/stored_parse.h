/* SPDX-License-Identifier: MIT */
/* Reads and checks a queue file but for its content. Private to lib/queue. */
#ifndef QUEUE_STORED_PARSE_H
#define QUEUE_STORED_PARSE_H

#include "lib/queue/stored.h"

/* Fills `stored`, whose private->source is open. Only the attributes take
 * memory that depends on the file, and that is bounded by the format. The error
 * is never NULL. */
enum stored_result stored_parse(
    struct pool *pool, struct stored *stored, struct error *error) MUST_USE;

#endif
