/* SPDX-License-Identifier: MIT */
/* Locks a mailbox file against other writers and against mail readers: fcntl(2)
 * on the file, and "<name>.lock" beside it. Embedded in its owner. */
#ifndef LOCAL_CHILD_MBOX_LOCK_H
#define LOCAL_CHILD_MBOX_LOCK_H

#include <limits.h>

#include "lib/base/error.h"

#include "local/child/job.h"

struct mbox_lock {
	int directory_fd;           /* borrowed */
	char dotlock[NAME_MAX + 1]; /* empty: none is held */
};

enum mbox_lock_result {
	MBOX_LOCKED,
	MBOX_LOCK_BUSY, /* nothing is held; somebody else has it */
	MBOX_LOCK_FAILED
};

/* One attempt for the file `name` in `directory_fd`, which is open as `fd`.
 * Where no file may be made beside the mailbox the other lock has to do. */
enum mbox_lock_result mbox_lock_try(struct mbox_lock *lock,
    const struct job_settings *settings, int directory_fd, const char *name,
    int fd, struct error *error) MUST_USE;
/* The lock on the file itself goes when the file is closed. */
void mbox_lock_release(struct mbox_lock *lock);

#endif
