/* SPDX-License-Identifier: MIT */
/* Which deferred messages are known not to be due yet, so that a scan need not
 * open their files to see it. A hint: bounded, and lost with the process. */
#ifndef QMGR_DUE_H
#define QMGR_DUE_H

#include "lib/queue/id.h"

#include "qmgr/backoff.h"

enum {
	DUE_MAXIMUM = 50000 /* messages; others are looked at again */
};

/* The message is not to be tried before `next`; all times are wall clock,
 * microseconds. */
void due_note(const struct queue_id *id, int64_t next, int64_t now);
/* False also for one that is farther away than any message is put off: the
 * clock was set. */
bool due_is_later(const struct backoff_limits *limits,
    const struct queue_id *id, int64_t now);
/* Forgets those that are due. */
void due_sweep(const struct backoff_limits *limits, int64_t now);
/* How many are known. */
size_t due_count(void);

#endif
