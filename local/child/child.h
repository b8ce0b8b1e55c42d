/* SPDX-License-Identifier: MIT */
/* A child of launcher: delivers as one user until launcher closes the
 * connection. */
#ifndef LOCAL_CHILD_CHILD_H
#define LOCAL_CHILD_CHILD_H

#include "local/child/identity.h"
#include "local/child/job.h"

/* Takes jobs from `fd`, a blocking socket, and answers each with a struct
 * reply. All of them have the same `base`, the only directory it will reach.
 * For a process that was just forked; all other descriptors are closed. */
_Noreturn void child_run(int fd, const struct identity *identity,
    const char *base, const struct job_settings *settings);

#endif
