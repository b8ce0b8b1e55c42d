/* SPDX-License-Identifier: MIT */
/* Advisory locks on whole files, of both kinds: Postfix on Linux takes flock,
 * other mail systems' tools fcntl. Both are kept by the open file, so that they
 * do not vanish when another descriptor of the same file is closed. */
#ifndef TABLE_FILE_LOCK_H
#define TABLE_FILE_LOCK_H

#include "lib/base/error.h"

/* A shared lock; waits for a writer, but at most one second. */
bool file_lock_shared(int fd, struct error *error) MUST_USE;
/* An exclusive one; waits at most a minute. For commands. */
bool file_lock_exclusive(int fd, struct error *error) MUST_USE;
void file_lock_release(int fd);

#endif
