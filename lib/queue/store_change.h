/* SPDX-License-Identifier: MIT */
/* What an administrator may do to one message, wherever it is, on the disk: by
 * qmgr for a message that is in nobody's hand, or by a tool that holds the lock
 * on the queue. */
#ifndef QUEUE_STORE_CHANGE_H
#define QUEUE_STORE_CHANGE_H

#include "lib/queue/store.h"

enum change {
	CHANGE_NOTHING, /* to find it */
	CHANGE_DELETE,
	CHANGE_HOLD,
	CHANGE_RELEASE, /* from hold, or corrupt: another chance */
	CHANGE_EXPIRE,  /* to be returned at the next attempt, which is due */
	CHANGE_REQUEUE, /* to be queued anew by the next qmgr that sees it */
	CHANGES
};

struct changed {
	struct locator locator; /* where it is now */
	bool was_held;
	bool made; /* something has changed */
};

/* Finds the message and changes it. What is written to it is durable; a move or
 * removal is after store_sync_directories. ERROR_NOT_FOUND when it is in none
 * of the places whose bits (1 << PLACE_HOLD) are in `places`. A change that was
 * made before is a success. Blocks. */
bool store_change(struct store *store, const struct queue_id *id,
    enum change change, unsigned places, struct changed *changed,
    struct error *error) MUST_USE;

#endif
