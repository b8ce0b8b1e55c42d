/* SPDX-License-Identifier: MIT */
/* What is known about the messages in one segment: which are done, and which
 * single recipients of others. Embedded in its segment; not shared between
 * threads without a lock. Private to lib/queue. */
#ifndef QUEUE_SEGMENT_FACTS_H
#define QUEUE_SEGMENT_FACTS_H

#include "lib/base/buf.h"
#include "lib/queue/done_record.h"

/* Starts as zeros. */
struct segment_facts {
	unsigned char *done; /* bits, by number */
	size_t done_size;    /* bytes */
	uint32_t done_count;
	struct done_record *partials; /* about single recipients */
	size_t partial_count;
	size_t partial_room;
};

void segment_facts_finish(struct segment_facts *facts);

void segment_facts_note(
    struct segment_facts *facts, const struct done_record *record);
void segment_facts_set_done(struct segment_facts *facts, uint32_t number);
bool segment_facts_is_done(const struct segment_facts *facts, uint32_t number);
/* The next record about a single recipient of the message from *position on,
 * which starts at 0; false at the end. */
bool segment_facts_next_partial(const struct segment_facts *facts,
    uint32_t number, size_t *position, struct done_record *record);

/* Appends records that say all of it. */
void segment_facts_copy(const struct segment_facts *facts, uint32_t segment,
    uint64_t generation, struct buf *records);

#endif
