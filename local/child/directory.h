/* SPDX-License-Identifier: MIT */
/* Directories on the way to a mailbox. */
#ifndef LOCAL_CHILD_DIRECTORY_H
#define LOCAL_CHILD_DIRECTORY_H

#include "lib/base/error.h"
#include "lib/base/span.h"

/* Opens `path` below `base_fd`, making what is missing of it (mode 0700, each
 * made durable). An empty path is the base itself. The descriptor is the
 * caller's; -1 on failure. ".." is refused. */
int directory_open(int base_fd, struct span path, struct error *error) MUST_USE;

/* Opens `name`, in `parent_fd`, as directory_open does, but not through a
 * symbolic link; with `strict` it has to be the caller's own. */
int directory_open_own(
    int parent_fd, const char *name, bool strict, struct error *error) MUST_USE;

#endif
