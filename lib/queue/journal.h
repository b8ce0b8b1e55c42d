/* SPDX-License-Identifier: MIT */
/* Journal records of the queue file (format.h): what qmgr learned about a
 * message after it was accepted. */
#ifndef QUEUE_JOURNAL_H
#define QUEUE_JOURNAL_H

#include "lib/base/buf.h"
#include "lib/queue/id.h"

enum {
	JOURNAL_TEXT_MAXIMUM = 2048, /* longer texts are cut when encoded */
	JOURNAL_RECORD_MAXIMUM = 16 + 12 + 4 * JOURNAL_TEXT_MAXIMUM + 12
};

/* That a recipient was delivered, and its sender is still to be told so. */
enum stored_success {
	SUCCESS_NONE,
	SUCCESS_DELIVERED,
	SUCCESS_RELAYED,
	SUCCESS_EXPANDED
};

/* Why a recipient was not delivered, or the other way round. */
struct stored_reason {
	uint32_t recipient; /* its number */
	enum stored_success success;
	struct span status;     /* RFC 3463: 4.4.1 */
	struct span remote;     /* name of the MTA that said so, or empty */
	struct span diagnostic; /* its reply, or empty */
	struct span text;       /* as in the log and the listing */
};

enum journal_type {
	JOURNAL_ATTEMPT = 1,
	JOURNAL_REASON = 2,
	JOURNAL_WARNED = 3,
	JOURNAL_EXPIRE = 4,
	JOURNAL_REQUEUE = 5,
	JOURNAL_SUCCESSOR = 6
};

/* One record; times in microseconds since 1970. */
struct journal_entry {
	enum journal_type type;
	int64_t time; /* of all but reason and successor */
	int64_t next; /* of attempt */
	struct queue_id successor;
	struct stored_reason reason;
};

/* Appends the record with number `count` of the file's journal. False only
 * when the buffer is full. */
bool journal_append(struct buf *out, uint32_t count,
    const struct journal_entry *entry) MUST_USE;

enum journal_result {
	JOURNAL_TAKEN,
	JOURNAL_SKIPPED, /* sound, of a type that this version does not know */
	JOURNAL_SHORT,   /* *rest ends inside a record */
	JOURNAL_TORN     /* damaged, or not number `count` */
};

/* Takes the record with number `count` from the front of *rest; the spans of
 * the entry point into *rest. */
enum journal_result journal_take(
    struct span *rest, uint32_t count, struct journal_entry *entry) MUST_USE;

/* True when `end`, the last bytes of a journal (JOURNAL_RECORD_MAXIMUM if there
 * are as many), ends with a sound record; *count is its number. */
bool journal_find_last(struct span end, uint32_t *count) MUST_USE;

#endif
