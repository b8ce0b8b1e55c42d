/* SPDX-License-Identifier: MIT */
/* Makes the queue directory tree; for master and `postern set-permissions`. */
#ifndef QUEUE_SPOOL_MAKE_H
#define QUEUE_SPOOL_MAKE_H

#include <sys/types.h>

#include "lib/base/error.h"

/* Who owns the queue when there are several users; modes are 0711 root for the
 * top, 02370 cleanup:queue for incoming/ and hold/, 0700 queue for the rest. */
struct spool_owners {
	uid_t queue_user; /* postern */
	gid_t queue_group;
	uid_t cleanup_user; /* postern-cleanup */
};

/* Creates what is missing (active/ and maildrop/ stay empty), sets owner and
 * mode of what is there and fsyncs every directory and its parent (REL-02,
 * REL-09). `owners` NULL = one user: all is the caller's, 0700. Idempotent. */
bool spool_make(const char *queue_directory, const struct spool_owners *owners,
    struct error *error) MUST_USE;

/* Opens incoming/ (or hold/) O_RDONLY for cleanup; -1 on failure. */
int spool_make_descriptor(const char *queue_directory, const char *name,
    struct error *error) MUST_USE;

#endif
