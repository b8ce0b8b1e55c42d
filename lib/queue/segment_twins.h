/* SPDX-License-Identifier: MIT */
/* Messages that are both in a segment and in a file of their own, because
 * somebody was killed between the two steps of a move. Private to lib/queue. */
#ifndef QUEUE_SEGMENT_TWINS_H
#define QUEUE_SEGMENT_TWINS_H

#include "lib/queue/store.h"

/* Ends or takes back every such move. As store_end_moves. */
bool segment_twins_end(struct store *store, struct error *error) MUST_USE;

#endif
