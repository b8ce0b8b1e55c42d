/* SPDX-License-Identifier: MIT */
/* Where a store keeps a message: a value that put_commit, store_find and
 * store_list give and the other store functions take and update. Only `id` is
 * of interest above lib/queue; ask locator_queue for the queue's name. */
#ifndef QUEUE_LOCATOR_H
#define QUEUE_LOCATOR_H

#include "lib/queue/id.h"

enum locator_place {
	PLACE_INCOMING,
	PLACE_DEFERRED,
	PLACE_HOLD,
	PLACE_CORRUPT,
	PLACE_COUNT
};

/* Where a record is among the segments (segment.h); private to lib/queue, which
 * makes it, and to the notice of an arrival, which carries it. */
struct locator_segment {
	uint32_t segment; /* which file; 0 = none, it has its own */
	uint32_t number;  /* of the record in this generation */
	uint32_t offset;
	uint32_t length;
	uint64_t generation;
};

struct locator {
	struct queue_id id;
	enum locator_place place;
	uint64_t bucket; /* of PLACE_DEFERRED: due time / 900 s, else 0 */
	struct locator_segment in;
};

/* "incoming", "deferred", "hold" or "corrupt": never freed. */
const char *locator_queue(const struct locator *locator);

#endif
