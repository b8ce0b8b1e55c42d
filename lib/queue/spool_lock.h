/* SPDX-License-Identifier: MIT */
/* The lock on a queue: held by qmgr for its life, or by a tool that works on
 * the files while the suite is stopped. It goes away with its process. */
#ifndef QUEUE_SPOOL_LOCK_H
#define QUEUE_SPOOL_LOCK_H

#include <sys/types.h>

#include "lib/base/error.h"

/* Below the queue directory; made by spool_make. */
#define SPOOL_LOCK_NAME "lock"

/* Tries once. True: *lock_fd is the lock until it is closed, and no other
 * descriptor of this process may be opened on the lock file. False with
 * ERROR_TEMPORARY: somebody else has it, *holder says who (0 = unknown). */
bool spool_lock_take(const char *queue_directory, int *lock_fd, pid_t *holder,
    struct error *error) MUST_USE;

#endif
