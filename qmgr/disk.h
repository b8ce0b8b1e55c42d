/* SPDX-License-Identifier: MIT */
/* The queue on disk as qmgr's coroutines use it: every function that names a
 * message runs one blocking job in a thread while its caller waits, and the
 * caller has the message's turn. Owns the store and the lock on it. */
#ifndef QMGR_DISK_H
#define QMGR_DISK_H

#include "qmgr/backoff.h"
#include "qmgr/message.h"

/* Waits until the queue is ours and open; false when the process is to end
 * first. In a coroutine. */
bool disk_open(void);
/* The queue is ours. */
bool disk_is_open(void);
struct store *disk_store(void);

/* As the functions of store.h. store_done also when it is gone already. */
bool disk_record(struct message *message, const struct store_report *report,
    bool *states_written, struct error *error) MUST_USE;
bool disk_done(struct message *message, struct error *error) MUST_USE;
bool disk_defer(
    struct message *message, int64_t due, struct error *error) MUST_USE;
/* As disk_defer, for a message that is in nobody's hand. */
bool disk_put_off(
    struct locator *locator, int64_t due, struct error *error) MUST_USE;
bool disk_hold(struct message *message, struct error *error) MUST_USE;
bool disk_set_aside(struct message *message, struct error *error) MUST_USE;

/* States were written: they are durable within a second. */
void disk_touched(struct message *message);

/* Now, if they are not yet: before the message leaves the memory. */
bool disk_sync(struct message *message, struct error *error) MUST_USE;

/* What a delivery or a notice needs from a message's file: embedded in its
 * owner, filled by disk_read, given back with disk_finish_reading. */
struct disk_reading {
	const uint32_t
	    *numbers; /* of the recipients, rising, none of them in */
		      /* front of `cursor`; or NULL: the next up */
	size_t count; /* to MESSAGE_SLICE there that are TODO */
	bool with_reasons;
	struct stored_cursor cursor;

	struct pool *pool;
	struct stored *stored; /* NULL: `result` and `error` say why */
	enum stored_result result;
	struct error error;
	struct stored_recipient *recipients; /* `count` of them */
	struct stored_reason *reasons;       /* the same, if asked for */
	bool at_end;                         /* the cursor is */
	struct span content; /* header and body, when there is no descriptor */
	struct store *store;
	struct locator locator;
};

/* True when all went well; finish it in any case. Takes the turn itself. */
bool disk_read(struct message *message, struct disk_reading *reading) MUST_USE;
/* The same for a message that is in nobody's hand: the caller has set
 * `locator`. With `adopt` the file is first locked, checked and judged
 * (store_adopt). */
bool disk_read_new(struct disk_reading *reading, bool adopt) MUST_USE;
void disk_finish_reading(struct disk_reading *reading);

/* Wall and monotonic clock agree, so that ages mean something. */
bool disk_clock_is_sane(void);

#endif
