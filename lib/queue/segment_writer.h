/* SPDX-License-Identifier: MIT */
/* The segments of one cleanup process: makes them, writes batches of small
 * messages into them, and uses them again when qmgr has done with all that is
 * in them. Owned by that process; there is one a process.
 *
 * segment_writer_make and segment_writer_commit block: run each in an offload
 * job, one of a kind at a time. The others do not block, and may be called
 * meanwhile. */
#ifndef QUEUE_SEGMENT_WRITER_H
#define QUEUE_SEGMENT_WRITER_H

#include "lib/queue/put.h"
#include "lib/queue/segment.h"

struct segment_writer;

enum {
	SEGMENT_WRITER_MAXIMUM = 8 /* segments */
};

/* `writer` as in id_source_init. `size` of a segment: a multiple of
 * SEGMENT_PAGE from SEGMENT_SIZE_MINIMUM to SEGMENT_SIZE_MAXIMUM. The store
 * outlives it. */
struct segment_writer *segment_writer_create(struct store *store,
    uint32_t writer, uint32_t size) __attribute__((returns_nonnull));
/* What is in the segments is qmgr's from now on. NULL is allowed. */
void segment_writer_destroy(struct segment_writer *writer);

/* No segment is in reserve, and there may be one more. */
bool segment_writer_wants_segment(struct segment_writer *writer);
/* Makes it: zeros, fsync of file and directory. */
bool segment_writer_make(
    struct segment_writer *writer, struct error *error) MUST_USE;

/* There is a segment that the put, for which put_is_small, fits into. */
bool segment_writer_has_room(
    struct segment_writer *writer, const struct put *put);

/* Brings the first *taken of `puts`, which are all put_is_small, to disk with
 * one write and one fdatasync. True: they will survive, and put_locator tells
 * where; *taken is 0 when no segment is free. False: those *taken must be
 * refused, as after put_commit, and the segment is never written again. */
bool segment_writer_commit(struct segment_writer *writer, struct put **puts,
    size_t count, size_t *taken, struct error *error) MUST_USE;

/* The next segment that is full: `segment`, `generation`, and the messages in
 * it as `number`. Each comes once, and all once more after `again`: qmgr has to
 * know. */
bool segment_writer_next_full(
    struct segment_writer *writer, struct locator_segment *full) MUST_USE;
void segment_writer_again(struct segment_writer *writer);

/* Nothing more is written to that segment: qmgr is to set it aside. It is given
 * up, unlocked, by the next segment_writer_let_go that no commit is in the way
 * of. */
void segment_writer_abandon(struct segment_writer *writer, uint32_t segment);
void segment_writer_let_go(struct segment_writer *writer);

/* qmgr says that nothing in it is needed any more. False unless it is full, of
 * that generation and with so many messages: it is then not touched. */
bool segment_writer_free(struct segment_writer *writer,
    const struct locator_segment *freed) MUST_USE;

#endif
