/* SPDX-License-Identifier: MIT */
/* The two files of done records (done_record.h), used in turn: when one is full
 * what still matters is copied to the other. Both are zero-filled, so that a
 * record needs no space. Owned by the segment table, whose mutex is held in
 * every call but done_journal_sync and done_journal_read. */
#ifndef QUEUE_DONE_JOURNAL_H
#define QUEUE_DONE_JOURNAL_H

#include <pthread.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/queue/done_record.h"

enum {
	DONE_JOURNAL_FILES = 2,
	DONE_JOURNAL_SIZE = 1024 * 1024, /* zero-filled; it may grow */
	DONE_JOURNAL_PENDING_MAXIMUM = 64 * 1024 * 1024
};

struct done_journal {
	int fds[DONE_JOURNAL_FILES]; /* -1: closed, nothing can be written */
	int active;
	uint64_t end;       /* of the active file */
	uint64_t full;      /* an end behind this is reason to switch */
	struct buf pending; /* records not written yet */
	struct buf carry;   /* records since a switch has begun */
	bool is_switching;
	bool is_doubtful; /* a sync of the active file has failed */
	bool is_dirty;    /* something written is not synced */
};

void done_journal_init(struct done_journal *journal);
void done_journal_finish(struct done_journal *journal);

/* Opens both for writing, in the directory incoming/; creates and zero-fills
 * what is missing, then writes `records`, which are all that still matter,
 * behind those in one of them and syncs it. */
bool done_journal_open(struct done_journal *journal, int directory,
    struct span records, struct error *error) MUST_USE;
/* Closes and removes both: all segments are gone, durably. */
void done_journal_remove(struct done_journal *journal, int directory);

static inline bool
done_journal_is_open(const struct done_journal *journal)
{
	return journal->fds[0] >= 0;
}

/* Calls take(owner, record) for every sound record in the two files, which need
 * not exist. For any process at any time. */
bool done_journal_read(int directory,
    void (*take)(void *owner, const struct done_record *record), void *owner,
    struct error *error) MUST_USE;

/* Queues a record: done_journal_flush writes it. */
void done_journal_add(
    struct done_journal *journal, const struct done_record *record);
/* Writes all that is queued with one write: it survives any kill from then on,
 * a power cut after done_journal_sync. After a failure it stays queued. */
bool done_journal_flush(
    struct done_journal *journal, struct error *error) MUST_USE;

/* What done_journal_sync does: fdatasync, or first the switch. */
bool done_journal_wants_sync(const struct done_journal *journal);

/* `copy` fills a buffer with the records that still matter; it is called with
 * the mutex held. One thread at a time; others may add and flush meanwhile. */
bool done_journal_sync(struct done_journal *journal, pthread_mutex_t *mutex,
    void (*copy)(void *owner, struct buf *records), void *owner,
    struct error *error) MUST_USE;

#endif
