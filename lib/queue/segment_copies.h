/* SPDX-License-Identifier: MIT */
/* Copies of messages that are on their way out of segments, written and not yet
 * synced: many at a time, so that the disk makes one of many fsyncs. Embedded
 * in its owner, zeroed. Private to lib/queue. */
#ifndef QUEUE_SEGMENT_COPIES_H
#define QUEUE_SEGMENT_COPIES_H

#include "lib/queue/segment_message.h"

enum {
	SEGMENT_COPIES_MAXIMUM = 256
};

struct segment_copies {
	struct segment_copy copy[SEGMENT_COPIES_MAXIMUM];
	size_t count;
};

/* segment_message_end_copy for all of them, in several threads when there are
 * many; there are none afterwards. *synced is raised by those that went well.
 * False with the first failure of any; the others are synced all the same. */
bool segment_copies_sync(struct segment_copies *copies, struct store *store,
    size_t *synced, struct error *error) MUST_USE;

#endif
