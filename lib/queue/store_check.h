/* SPDX-License-Identifier: MIT */
/* Looks through the directories of a queue for what is not where it belongs:
 * names that nothing of ours has, messages where no scan looks or in a bucket
 * of another time, damaged files, files that were never accepted. */
#ifndef QUEUE_STORE_CHECK_H
#define QUEUE_STORE_CHECK_H

#include "lib/queue/store.h"

struct store_check {
	bool structure; /* all of that but the last */
	bool purge;     /* files that were never accepted */
	/* Put it right; the caller has the lock on the queue. What is foreign
	 * is left alone even so. Without `repair` no file is opened, because
	 * those who write them are at work. */
	bool repair;
	/* Told of each thing found: where, what it is, and what was done with
	 * it, NULL for nothing. */
	void (*found)(
	    void *owner, const char *path, const char *what, const char *done);
	void *owner;
};

/* False when a directory cannot be read, or something could not be put right.
 * What was moved is durable after store_sync_directories. Blocks. */
bool store_check(struct store *store, const struct store_check *check,
    struct error *error) MUST_USE;

#endif
