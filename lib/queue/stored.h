/* SPDX-License-Identifier: MIT */
/* A message read from a store. It lives in the pool it was opened with and is
 * closed when that is cleared; when a job opens one, the pool is that job's
 * alone (it has no parent).
 *
 * Memory is bounded: recipients and reasons are read in slices, content by
 * offset. Everything was checked before it is believed. */
#ifndef QUEUE_STORED_H
#define QUEUE_STORED_H

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/queue/attribute.h"
#include "lib/queue/journal.h"
#include "lib/queue/locator.h"
#include "lib/queue/record.h"

struct store;

enum stored_result {
	STORED_COMPLETE,
	STORED_BUSY,           /* locked by its writer (store_adopt only) */
	STORED_NEVER_ACCEPTED, /* empty or headless: nobody was told 250 */
	STORED_NEWER,          /* of a later format version: leave it alone */
	STORED_CORRUPT,
	STORED_GONE,  /* there is no such message */
	STORED_FAILED /* not read: I/O error or the pool's maximum */
};

struct stored {
	struct locator locator;
	int64_t arrival; /* microseconds, as all times here */
	uint32_t flags;  /* enum queued_flag */
	struct part header;
	struct part body;
	struct span attribute[ATTRIBUTE_COUNT];
	struct span attributes; /* all of them as stored, for the unknown */
	uint32_t recipient_count;
	uint32_t outstanding; /* of them RECIPIENT_TODO */

	/* From the journal; 0 = never. */
	uint32_t attempts;
	int64_t last_attempt;
	int64_t next_attempt;
	int64_t warned;
	int64_t expired;           /* forced by the administrator */
	int64_t requeue;           /* wanted by the administrator */
	struct queue_id successor; /* see replacement.h; empty = none */

	struct stored_private *private;
};

/* Reads all but content, recipients and reasons; recipients, states and
 * attributes are checked. NULL unless *result is STORED_COMPLETE; *error then
 * says what is wrong (also for STORED_CORRUPT). Takes no lock. */
struct stored *stored_open(struct pool *pool, struct store *store,
    const struct locator *locator, enum stored_result *result,
    struct error *error) MUST_USE;

/* Reads all content and compares its check: false with ERROR_INVALID when it
 * is damaged. A scan does this once. */
bool stored_verify_content(
    const struct stored *stored, struct error *error) MUST_USE;

/* Bytes of header and body together. */
uint64_t stored_size(const struct stored *stored);

/* A position in the list of recipients; starts as zeros. */
struct stored_cursor {
	uint32_t number; /* of the next recipient */
	uint64_t offset;
};

struct stored_slice {
	struct stored_recipient *recipients;
	size_t count; /* 0 = the end */
};

enum {
	STORED_SLICE_MAXIMUM = 1000 /* recipients */
};

/* The next recipients, of whatever state, and moves the cursor behind them; at
 * most STORED_SLICE_MAXIMUM in about 100 KB of `pool`. */
bool stored_read_recipients(struct pool *pool, const struct stored *stored,
    struct stored_cursor *cursor, struct stored_slice *slice,
    struct error *error) MUST_USE;
/* The same, and at most `most` of them, more than 0. */
bool stored_read_some(struct pool *pool, const struct stored *stored,
    size_t most, struct stored_cursor *cursor, struct stored_slice *slice,
    struct error *error) MUST_USE;

/* For each recipient of the slice, whose numbers rise but need not be all there
 * are, its last reason; reasons[i].text is empty when there is none. `reasons`
 * has slice->count elements. */
bool stored_read_reasons(struct pool *pool, const struct stored *stored,
    const struct stored_slice *slice, struct stored_reason *reasons,
    struct error *error) MUST_USE;

/* Copies `count` bytes from `offset` of a part (0 = its first byte); the range
 * lies inside the part. */
bool stored_read_part(const struct stored *stored, const struct part *part,
    struct extent range, char *bytes, struct error *error) MUST_USE;

/* A read-only descriptor for an agent, in which the parts' extents hold, open
 * as long as the pool; -1 when the content must travel inside the request. The
 * three bytes behind the body are `.` CR LF: a body with PART_FINAL_CRLF and
 * without PART_LEADING_DOT and its end leave in one sendfile. */
int stored_content_fd(const struct stored *stored);

/* Takes the next `name=value` from the front of *attributes; false at the
 * end. */
bool stored_next_attribute(
    struct span *attributes, struct span *name, struct span *value);

#endif
