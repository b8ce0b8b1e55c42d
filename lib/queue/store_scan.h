/* SPDX-License-Identifier: MIT */
/* A walk over the names in a queue; owned by whoever opened it. */
#ifndef QUEUE_STORE_SCAN_H
#define QUEUE_STORE_SCAN_H

#include "lib/base/error.h"
#include "lib/queue/locator.h"

struct store;
struct store_scan;

/* INCOMING_FILES leaves out what is in segments; DUE is the deferred buckets up
 * to a given time. */
enum store_scope {
	STORE_INCOMING,
	STORE_INCOMING_FILES,
	STORE_DUE,
	STORE_DEFERRED,
	STORE_HOLD,
	STORE_CORRUPT
};

/* `now` (microseconds) counts for STORE_DUE. NULL on failure. */
struct store_scan *store_scan_open(struct store *store, enum store_scope scope,
    int64_t now, struct error *error) MUST_USE;
/* For STORE_DUE: the buckets behind that of `time`, too. A clock that was wrong
 * has put messages there. */
void store_scan_behind(struct store_scan *scan, int64_t time);
/* Has take(owner, queue, name) called for names that are neither a message's
 * nor the queue's own, in store_scan_next. */
void store_scan_tell_strangers(struct store_scan *scan,
    void (*take)(void *owner, const char *queue, const char *name),
    void *owner);
/* The next up to `maximum` messages, in no order; nothing is opened yet, so
 * that the caller can leave out those it knows. *count is 0 at the end. Names
 * that are no ids are passed over. Empty past buckets are removed on the way.
 */
bool store_scan_next(struct store_scan *scan, struct locator *locators,
    size_t maximum, size_t *count, struct error *error) MUST_USE;
/* NULL is allowed. */
void store_scan_close(struct store_scan *scan);

/* For store_find: the next deferred bucket without what is in it; false at the
 * end. */
bool store_scan_next_bucket(struct store_scan *scan, uint64_t *bucket) MUST_USE;

#endif
