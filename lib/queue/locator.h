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

struct locator {
	struct queue_id id;
	enum locator_place place;
	uint64_t bucket; /* of PLACE_DEFERRED: due time / 900 s, else 0 */
};

/* "incoming", "deferred", "hold" or "corrupt": never freed. */
const char *locator_queue(const struct locator *locator);

#endif
