/* SPDX-License-Identifier: MIT */
/* Queue ids, a value type: seconds (6 or more digits) and microseconds (4) of
 * the arrival in base 52, `z`, and a tail in base 51 made of the writer's
 * number and random bits. Letters and digits only, no vowels, so that an id is
 * a file name, a log word and never a path. */
#ifndef QUEUE_ID_H
#define QUEUE_ID_H

#include "lib/base/span.h"

enum {
	QUEUE_ID_MAXIMUM = 24, /* characters */
	ID_WRITERS = 1024      /* writer numbers are 0 to 1023 */
};

/* NUL-terminated; the rest is zeros, so two ids compare as bytes do. The empty
 * text is "no id". */
struct queue_id {
	char text[QUEUE_ID_MAXIMUM + 8];
};

/* One per process that makes ids; embedded in its owner, one thread only. */
struct id_source {
	uint32_t writer;
	int64_t last; /* microseconds of the newest id, strictly rising */
};

/* `writer` is below ID_WRITERS and no other live process has it. */
void id_source_init(struct id_source *source, uint32_t writer);

/* A fresh id for wall time `now` (microseconds), or the microsecond after the
 * last id when the clock has not moved on. */
struct queue_id id_next(struct id_source *source, int64_t now);

/* False unless `text` is an id that id_next could have made: what a peer or an
 * administrator typed becomes a queue_id here or not at all. */
bool id_parse(struct span text, struct queue_id *id) MUST_USE;

/* Arrival in microseconds since 1970; `id` came from id_next or id_parse. */
int64_t id_time(const struct queue_id *id);

bool id_equal(const struct queue_id *a, const struct queue_id *b);

#endif
