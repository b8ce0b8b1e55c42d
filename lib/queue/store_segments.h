/* SPDX-License-Identifier: MIT */
/* The part of a store that concerns segments: for qmgr, which records what has
 * become of messages in them and says which may be used again, and for
 * recovery. Nobody else needs to know that there are segments.
 *
 * Unless it says otherwise a function here does not block. */
#ifndef QUEUE_STORE_SEGMENTS_H
#define QUEUE_STORE_SEGMENTS_H

#include "lib/queue/store.h"

enum {
	STORE_SEGMENT_PATIENCE = 30000, /* ms in a full segment, then out */
	STORE_DONE_INTERVAL = 200       /* ms between two store_sync_done */
};

/* Told, in the thread that does it, that all of a segment is being read:
 * whoever reads it may die of it. What `begin` returns goes to `end`. */
struct store_watch {
	void *(*begin)(const char *segment);
	void (*end)(void *token);
};

/* Before anything is read. */
void store_watch_segments(struct store *store, const struct store_watch *watch);
/* From now on nobody reads all of it: it is to be set aside. What is known to
 * be in it can be read. Any thread. */
void store_avoid_segment(struct store *store, uint32_t segment);
/* Nobody writes to it any more, or it is gone. Blocks. */
bool store_lock_segment(
    struct store *store, uint32_t segment, struct error *error) MUST_USE;
/* Moves it, locked, to corrupt/ as it is. Blocks. */
bool store_set_segment_aside(
    struct store *store, uint32_t segment, struct error *error) MUST_USE;

/* From now on this store records what has become of messages; the caller holds
 * the lock on the queue. Blocks. */
bool store_own_segments(struct store *store, struct error *error) MUST_USE;
/* store_own_segments has succeeded. */
bool store_owns_segments(struct store *store);

/* Ends the moves that an owner before us was killed in, so that no message is
 * both in a segment and in a file of its own: before anything else is done with
 * the messages, or what is done with the one is not done with the other.
 * Blocks. */
bool store_end_moves(struct store *store, struct error *error) MUST_USE;

/* The message is in a segment: reading it is one read of cached pages, and
 * store_done_soon may be used. */
bool store_is_light(const struct locator *locator);

/* As store_done and store_record with marks alone, for a light message: nothing
 * is on disk before store_flush_done has succeeded, which makes all such
 * records survive a kill with one write. False: the segment is gone. */
bool store_done_soon(struct store *store, const struct locator *locator,
    struct error *error) MUST_USE;
bool store_mark_soon(struct store *store, const struct locator *locator,
    const struct store_mark *marks, size_t count, struct error *error) MUST_USE;
bool store_flush_done(struct store *store, struct error *error) MUST_USE;

/* Records are written that a power cut may take; store_sync_done, which blocks,
 * makes them durable. */
bool store_wants_done_sync(struct store *store);
bool store_sync_done(struct store *store, struct error *error) MUST_USE;

/* A cleanup process has left a segment for good, with `full->number` messages
 * in it. May block on a read. *freed is true when nothing in it is needed. */
bool store_segment_full(struct store *store, const struct locator_segment *full,
    bool *freed, struct error *error) MUST_USE;
/* The next segment of a living process in which all is done now; each comes
 * once. */
bool store_next_free_segment(
    struct store *store, struct locator_segment *freed) MUST_USE;
/* Removes the segments of dead processes in which all is done. *has_orphans is
 * true when there are others whose process has died since, and a scan is to go
 * through them. Blocks. */
bool store_tidy_segments(
    struct store *store, bool *has_orphans, struct error *error) MUST_USE;

/* Messages that have been in a full segment for STORE_SEGMENT_PATIENCE: they
 * pin it and are to be moved out. *locators is the caller's to free. Blocks. */
bool store_list_old(struct store *store, struct locator **locators,
    size_t *count, struct error *error) MUST_USE;
/* Gives the message a file of its own in the full durable order; *locator is
 * updated. Nothing to do when it has one. Blocks. */
bool store_move_out(
    struct store *store, struct locator *locator, struct error *error) MUST_USE;

/* Moves everything out of all segments and removes them, and then the records:
 * for a clean stop and for recovery after another end. `moved` messages have a
 * file of their own now. False: `left` segments are still there, because a
 * living process writes them or the disk is full. After store_own_segments,
 * which is over then. Blocks. */
struct store_recovery {
	size_t moved;
	size_t left;
};

bool store_recover(struct store *store, struct store_recovery *recovery,
    struct error *error) MUST_USE;
/* There are segments, whoever they belong to. Blocks. */
bool store_has_segments(struct store *store);

/* Something the administrator has to be told about a segment. */
bool store_take_report(struct store *store, struct error *report);

#endif
