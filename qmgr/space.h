/* SPDX-License-Identifier: MIT */
/* What qmgr does when the queue's file system is full: it spends the reserve
 * (lib/queue/reserve.h), and puts space by again when there is some. */
#ifndef QMGR_SPACE_H
#define QMGR_SPACE_H

#include "lib/base/error.h"

/* Opens the reserve and begins to look after it. Without one qmgr works on. In
 * a coroutine. */
void space_open(const char *queue_directory);

/* Something could not be written for want of space, as `reason` says. True when
 * space was made since, so that it may be tried again. In a coroutine. */
bool space_spend(const char *reason) MUST_USE;
/* The same for a write that failed for any cause: false when the disk is not
 * full. */
bool space_make(const struct error *error) MUST_USE;

/* offload_run, and once more when space could be made: the job leaves its
 * result in *good and *error. */
void space_run(void (*job)(void *argument), void *argument, const bool *good,
    const struct error *error);

#endif
