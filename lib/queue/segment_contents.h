/* SPDX-License-Identifier: MIT */
/* What is in a segment: a pure function of its bytes, for scans and recovery.
 * Private to lib/queue. */
#ifndef QUEUE_SEGMENT_CONTENTS_H
#define QUEUE_SEGMENT_CONTENTS_H

#include "lib/base/buf.h"
#include "lib/queue/format.h"
#include "lib/queue/segment.h"

/* A sound record. */
struct segment_entry {
	struct queue_id id;
	uint32_t offset;
	uint32_t length;
	uint32_t number;
	uint32_t first;
};

/* Where messages are missing that were acknowledged once: from the end of a
 * sound record to the start of the next. */
struct segment_gap {
	struct extent where;
	uint32_t number; /* the first one missing */
	uint32_t count;
};

struct segment_contents {
	uint64_t generation;
	uint32_t numbers; /* of records: all that count are below */
	struct segment_entry *entries; /* by rising number */
	size_t count;
	struct segment_gap *gaps;
	size_t gap_count;
};

/* SEGMENT_SOUND; SEGMENT_EMPTY: nothing was ever written; SEGMENT_DAMAGED: the
 * head is, the generation is that of the first sound record, if there is one;
 * SEGMENT_NEWER: nothing was read. To be finished in any case. */
enum segment_head_result segment_contents_read(
    struct span file, struct segment_contents *contents) MUST_USE;
void segment_contents_finish(struct segment_contents *contents);

#endif
