/* SPDX-License-Identifier: MIT */
/* Advisory locks on whole files, kept by the open file (F_OFD_SETLK): they work
 * against the fcntl locks of other mail systems' tools and do not vanish when
 * another descriptor of the same file is closed. */
#ifndef TABLE_FILE_LOCK_H
#define TABLE_FILE_LOCK_H

#include "lib/base/error.h"

/* A shared lock; waits for a writer, but at most one second. */
bool file_lock_shared(int fd, struct error *error) MUST_USE;
/* An exclusive one, however long that takes; for commands. */
bool file_lock_exclusive(int fd, struct error *error) MUST_USE;
void file_lock_release(int fd);

#endif
