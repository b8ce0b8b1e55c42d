/* SPDX-License-Identifier: MIT */
/* The segments as their reader sees them: which there are, and what has become
 * of the messages in them. The holder of the lock on the queue (qmgr, recovery)
 * owns the table and records facts; everybody else only reads it anew. Private
 * to lib/queue, embedded in the store; any thread may call at any time. */
#ifndef QUEUE_SEGMENT_TABLE_H
#define QUEUE_SEGMENT_TABLE_H

#include "lib/base/list.h"
#include "lib/queue/done_journal.h"
#include "lib/queue/segment_contents.h"
#include "lib/queue/segment_facts.h"

/* One generation of one file. What changes is the table's, under its mutex. */
struct segment {
	struct list node;
	uint32_t id;
	uint64_t generation;
	int fd;
	unsigned users;    /* who read from fd */
	bool is_dropped;   /* out of the table, freed by the last user */
	bool is_orphan;    /* its writer has ended: the file is locked by fd */
	bool is_adopted;   /* and what it has left is known */
	bool is_sealed;    /* nothing will be added in this generation */
	bool is_free;      /* and all is done, and somebody was told */
	uint32_t numbers;  /* of messages, once sealed */
	int64_t sealed_at; /* clock_monotonic */
	struct segment_facts facts;
};

struct segment_table {
	pthread_mutex_t mutex;
	pthread_mutex_t sync_mutex; /* one sync at a time; taken first */
	struct list segments;
	int directory; /* incoming/, the spool's */
	bool is_owned;
	struct done_journal journal;
	struct error report; /* ERROR_NONE: there is nothing to tell */
};

void segment_table_init(struct segment_table *table, int directory);
void segment_table_finish(struct segment_table *table);

/* For the holder of the queue's lock: reads all and opens the done journal. */
bool segment_table_own(
    struct segment_table *table, struct error *error) MUST_USE;
/* For all others: reads all anew. */
bool segment_table_refresh(
    struct segment_table *table, struct error *error) MUST_USE;

/* Takes in the segments that have come up since. */
bool segment_table_look(
    struct segment_table *table, struct error *error) MUST_USE;
/* All segments are gone: removes the done journal. */
void segment_table_close(struct segment_table *table);

/* The segment of that generation, to be released; NULL with ERROR_NOT_FOUND
 * when there is none any more. */
struct segment *segment_table_take(struct segment_table *table, uint32_t id,
    uint64_t generation, struct error *error) MUST_USE;
/* The same for whatever generation its file has now: NULL also when nothing
 * was ever written to it. */
struct segment *segment_table_take_current(
    struct segment_table *table, uint32_t id, struct error *error) MUST_USE;
void segment_table_release(
    struct segment_table *table, struct segment *segment);

/* All recipients of message `number` are done; or it was refused, and stands in
 * the segment behind those that were not. */
bool segment_table_is_done(
    struct segment_table *table, struct segment *segment, uint32_t number);
/* The next record about a single recipient of the message from *position on,
 * which starts at 0; false at the end. */
bool segment_table_next_partial(struct segment_table *table,
    struct segment *segment, uint32_t number, size_t *position,
    struct done_record *record);

/* Facts may be stated: segment_table_own has succeeded. */
static inline bool
segment_table_is_owned(struct segment_table *table)
{
	bool is_owned;

	pthread_mutex_lock(&table->mutex);
	is_owned = table->is_owned;
	pthread_mutex_unlock(&table->mutex);
	return is_owned;
}

/* States a fact, which segment_table_flush makes lasting; `recipient` may be
 * DONE_RECORD_ALL. */
void segment_table_mark(struct segment_table *table, struct segment *segment,
    uint32_t number, uint32_t recipient, enum recipient_state state);
bool segment_table_flush(
    struct segment_table *table, struct error *error) MUST_USE;

static inline bool
segment_table_wants_sync(struct segment_table *table)
{
	bool wants;

	pthread_mutex_lock(&table->mutex);
	wants = done_journal_wants_sync(&table->journal);
	pthread_mutex_unlock(&table->mutex);
	return wants;
}

/* Returns once all that was flushed before the call is on disk. */
bool segment_table_sync(
    struct segment_table *table, struct error *error) MUST_USE;

/* Its writer has left it with so many messages; does nothing when that is
 * known. */
void segment_table_seal(
    struct segment_table *table, struct segment *segment, uint32_t numbers);
/* The writer has ended (its lock is ours) and `contents` is all there will ever
 * be. Once. */
void segment_table_adopt(struct segment_table *table, struct segment *segment,
    const struct segment_contents *contents);

static inline bool
segment_table_is_adopted(struct segment_table *table, struct segment *segment)
{
	bool is_adopted;

	pthread_mutex_lock(&table->mutex);
	is_adopted = segment->is_adopted;
	pthread_mutex_unlock(&table->mutex);
	return is_adopted;
}

/* True when the lock is, or has become, ours. */
bool segment_table_lock(struct segment_table *table, struct segment *segment);

/* Locks what can be locked: true when one of those is not yet adopted. */
bool segment_table_has_orphans(struct segment_table *table);

/* Takes the next one that is sealed, done and not an orphan, of which nobody
 * was told; all facts about it have been flushed. */
bool segment_table_next_free(
    struct segment_table *table, struct locator_segment *segment) MUST_USE;
/* Removes the files of orphans that are done. Blocks; one thread at a time. */
bool segment_table_remove_orphans(
    struct segment_table *table, struct error *error) MUST_USE;

/* Keeps something that the administrator has to be told, and gives it back. */
void segment_table_report(struct segment_table *table, const char *format, ...)
    PRINTF_LIKE(2, 3);
bool segment_table_take_report(
    struct segment_table *table, struct error *report);

/* The file is not in incoming/ any more. */
void segment_table_forget(struct segment_table *table, uint32_t id);

/* Calls take(owner, segment) for each one, with the mutex held. */
void segment_table_each(struct segment_table *table,
    void (*take)(void *owner, struct segment *segment), void *owner);

#endif
