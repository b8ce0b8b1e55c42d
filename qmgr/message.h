/* SPDX-License-Identifier: MIT */
/* The messages in memory: all that are being delivered or wait for it. Each is
 * known by its id in one table, so that no other copy of it is begun; of its
 * recipients only those in hand are held, in batches as they were read.
 *
 * A recipient is `open` from when it is read until it has a result. When no
 * recipient is open and none is unread the message is settled, and events say
 * so: it is removed or deferred then. */
#ifndef QMGR_MESSAGE_H
#define QMGR_MESSAGE_H

#include "lib/base/pool.h"
#include "lib/loop/loop.h"
#include "lib/queue/store.h"

#include "qmgr/schedule.h"
#include "qmgr/turn.h"

/* recipient.notify of one whose record was not read yet; else notify_bit. */
#define NOTIFY_UNKNOWN 0x80000000u

enum {
	MESSAGE_SLICE = 1000 /* recipients that are read at a time, at most */
};

struct verdict;

struct recipient {
	struct list node; /* in an entry, delivery or list of its message */
	struct batch *batch;
	uint32_t number;
	uint32_t notify;
	uint32_t reason_check; /* of its last reason on disk; 0 = none */
	struct span address;
	const struct verdict *verdict; /* of decide.h */
};

struct batch {
	struct list node;
	struct pool *pool;
	struct message *message;
	struct stored_cursor start; /* where its recipients are read again */
	struct recipient *recipients;
	uint32_t count;
	uint32_t open; /* and one for whoever fills it */
};

enum message_order {
	ORDER_NONE,
	ORDER_HOLD, /* orders of the administrator, from here on the message
		     * is not delivered */
	ORDER_REQUEUE,
	ORDER_EXPIRE,
	ORDER_DELETE,
	ORDER_SET_ASIDE /* processes died of it */
};

struct message {
	struct locator locator;
	struct turn turn; /* whoever has it may work on the file */
	uint64_t size;
	uint32_t flags; /* enum message_flag_bit */
	enum schedule_age age;
	int64_t arrival; /* wall clock, microseconds */
	int64_t activated;
	int64_t warned;
	int64_t attempted; /* the last attempt in this boot; 0 = none yet */
	int64_t flushed;   /* by the flush of a site then (loop_now); 0 = no */
	bool forced_expiry;
	bool is_asked_for; /* a flush did; defer_transports does not matter */

	struct list batches;
	struct list entries;  /* struct entry.of_message */
	struct list decided;  /* recipients with a verdict */
	struct list held;     /* recipients in flight since another qmgr */
	struct list deciding; /* node in decide.c */
	struct list unsynced; /* node in disk.c */

	uint32_t outstanding; /* recipients that are RECIPIENT_TODO on disk */
	uint32_t due;         /* of those, that are over but for a notice */
	uint32_t open;
	uint32_t queued; /* recipients that were ever put in a queue */
	bool is_loading; /* more recipients are being read */
	bool all_read;
	bool is_awaited; /* an agent has some in flight that are not read yet */
	struct stored_cursor cursor; /* of what is to be read next */
	uint32_t first_unread;       /* lower numbers are in memory or done */

	enum message_order order;
	bool gone;    /* from the disk */
	bool settled; /* events.settled was called */
	unsigned agent_losses;
	unsigned users; /* who need the struct beyond its settling */
	bool dead;      /* only its users are left */
	size_t sender_len;
	char sender[];
};

struct message_events {
	void (*wants_more)(struct message *message);
	void (*settled)(struct message *message);
};

void message_open(const struct message_events *events);

/* A new message, in the table from now on, without recipients and loading. */
struct message *message_create(const struct locator *locator,
    struct span sender, enum schedule_age age) __attribute__((returns_nonnull));
/* Out of the table; freed when its last user lets go. */
void message_destroy(struct message *message);

void message_use(struct message *message);
void message_release(struct message *message);

/* NULL when it is not in memory. */
struct message *message_find(const struct queue_id *id);
/* Walks the table from a zeroed cursor; NULL at the end. */
struct hash_cursor;
struct message *message_next(struct hash_cursor *cursor);
size_t message_count(void);
/* Of all messages. */
size_t message_recipient_count(void);

static inline struct span
message_sender(const struct message *message)
{
	return span_of(message->sender, message->sender_len);
}

static inline struct span
message_id(const struct message *message)
{
	return span_text(message->locator.id.text);
}

/* Room for `count` recipients. */
struct batch *message_add_batch(struct message *message, uint32_t count)
    __attribute__((returns_nonnull));
/* The next recipient of the batch; `address` is copied. It is open. */
struct recipient *batch_add(struct batch *batch, uint32_t number,
    struct span address) __attribute__((returns_nonnull));
/* It is complete; freed when none of its recipients is open any more. */
void batch_filled(struct batch *batch);

/* How many recipients of the message (NULL = a new one) may be read now: as
 * many as there is room for, or as it lacks of the minimum, which goes first.
 */
uint32_t message_slice(const struct message *message);

/* Loading has ended: events may follow at once. */
void message_loaded(struct message *message);

/* The recipient has a result and is freed with the last one of its batch; so
 * may be the message. */
void message_close_recipient(
    struct message *message, struct recipient *recipient);

/* The same for all of a list, which is empty then. */
void message_close_recipients(struct message *message, struct list *recipients);

/* Another message (with its first recipients) may be taken into memory. */
bool message_has_room(void);
/* Waits until there is room, keeping a fifth free when `reserve`; for the one
 * coroutine that scans. */
void message_wait_for_room(bool reserve);

#endif
