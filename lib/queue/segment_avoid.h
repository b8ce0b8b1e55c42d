/* SPDX-License-Identifier: MIT */
/* Segments that are not read as a whole, because readers died of it, until they
 * are out of the way in corrupt/. Private to lib/queue, embedded in the store;
 * any thread may call at any time. */
#ifndef QUEUE_SEGMENT_AVOID_H
#define QUEUE_SEGMENT_AVOID_H

#include <pthread.h>

#include "lib/base/error.h"

struct segment_avoid {
	pthread_mutex_t mutex;
	uint32_t *segments;
	size_t count;
};

void segment_avoid_init(struct segment_avoid *avoid);
void segment_avoid_finish(struct segment_avoid *avoid);

void segment_avoid_add(struct segment_avoid *avoid, uint32_t segment);
/* Its name may come again for another one. */
void segment_avoid_remove(struct segment_avoid *avoid, uint32_t segment);
bool segment_avoid_has(struct segment_avoid *avoid, uint32_t segment);

/* Renames the file from one directory into the other, beside what has its name
 * there. One that is gone is a success. */
bool segment_avoid_move(
    uint32_t segment, int from, int to, struct error *error) MUST_USE;

#endif
