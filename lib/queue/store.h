/* SPDX-License-Identifier: MIT */
/* The queue as everybody above lib/queue sees it: messages are put (put.h),
 * read (stored.h), reported on, moved and done by locator. Behind it are own
 * files, and segments (store_segments.h) for fresh small messages; nothing here
 * tells which.
 *
 * Every function that takes a store blocks on the disk: call it in an offload
 * job. Jobs of several threads may use one store at the same time, but not for
 * the same message. */
#ifndef QUEUE_STORE_H
#define QUEUE_STORE_H

#include "lib/queue/put.h"
#include "lib/queue/store_scan.h"
#include "lib/queue/stored.h"

/* The tree made by spool_make, for qmgr and for tools that hold the lock
 * (spool_lock.h), and, as far as they only read, for bounce, showq, postcat.
 * NULL on failure. */
struct store *store_open(
    const char *queue_directory, struct error *error) MUST_USE;
/* For cleanup, which may neither list nor reopen: directory descriptors from
 * master, which become the store's. `group_files`: the suite has several users,
 * files belong to the directory's group (mode 0060, with umask 0). */
struct store *store_attach(int incoming, int hold, bool group_files)
    __attribute__((returns_nonnull));
/* NULL is allowed. */
void store_close(struct store *store);

/* REL-10: room for a message of `bytes` with `minimum` bytes to spare and some
 * inodes; ERROR_LIMIT when there is not (452 4.3.1). */
bool store_has_room(struct store *store, uint64_t bytes, uint64_t minimum,
    struct error *error) MUST_USE;

/* fsyncs that have failed since the store was opened. */
unsigned store_failed_syncs(struct store *store);
/* Whether the disk keeps what it is given: a file of that id is written, synced
 * and removed, with its directory. */
bool store_try(struct store *store, const struct queue_id *id,
    struct error *error) MUST_USE;

/* Looks in incoming, hold, every deferred bucket, then in the segments:
 * ERROR_NOT_FOUND. */
bool store_find(struct store *store, const struct queue_id *id,
    struct locator *locator, struct error *error) MUST_USE;

/* The same in corrupt alone: for people, the queue has given it up. */
bool store_find_corrupt(struct store *store, const struct queue_id *id,
    struct locator *locator, struct error *error) MUST_USE;

/* For a message found by a scan: opens and locks it, checks all of it, and
 * decides while holding the lock. COMPLETE: it is the caller's, who has to
 * unlock nothing. NEVER_ACCEPTED: it has been removed. CORRUPT: it has been
 * moved to corrupt/. BUSY, NEWER, GONE, FAILED: nothing was done. *error says
 * why, for the log, unless COMPLETE. */
struct stored *store_adopt(struct pool *pool, struct store *store,
    const struct locator *locator, enum stored_result *result,
    struct error *error) MUST_USE;

struct store_mark {
	uint32_t recipient; /* number */
	enum recipient_state state;
};

/* What one delivery report changes. */
struct store_report {
	const struct store_mark *marks; /* in any order */
	size_t mark_count;
	const struct journal_entry *entries; /* appended in this order */
	size_t entry_count;
};

/* Records a report: the states with one write in place, then the journal with
 * one append. Both survive any kill at once, a power cut after store_sync; the
 * states do not need space. When the journal cannot grow (disk full, or
 * STORE_JOURNAL_MAXIMUM) the states are written all the same and the result is
 * false with *states_written true. Record a reason only when it differs from
 * the recipient's last. *locator may change. */
bool store_record(struct store *store, struct locator *locator,
    const struct store_report *report, bool *states_written,
    struct error *error) MUST_USE;

enum {
	STORE_JOURNAL_MAXIMUM = 64 * 1024 * 1024
};

/* fdatasync of a message's file: at most every second for each. */
bool store_sync(struct store *store, const struct locator *locator,
    struct error *error) MUST_USE;

/* Moves; *locator is updated. ERROR_NOT_FOUND when the message is gone. */
bool store_defer(struct store *store, struct locator *locator, int64_t due,
    struct error *error) MUST_USE;
bool store_hold(
    struct store *store, struct locator *locator, struct error *error) MUST_USE;
/* From anywhere else back to incoming, due at once. */
bool store_release(
    struct store *store, struct locator *locator, struct error *error) MUST_USE;
/* To corrupt/: unreadable, or in hand in two crashes. Needs no look inside. */
bool store_set_aside(
    struct store *store, struct locator *locator, struct error *error) MUST_USE;

/* The message is over: removes it. Already gone is a success. */
bool store_done(struct store *store, const struct locator *locator,
    struct error *error) MUST_USE;

/* Makes removals and moves durable: qmgr runs it once a second while
 * store_is_dirty. */
bool store_is_dirty(struct store *store);
bool store_sync_directories(struct store *store, struct error *error) MUST_USE;

#endif
