/* SPDX-License-Identifier: MIT */
/* Tells whether a file is still the one that was opened, unchanged. A value. */
#ifndef TABLE_FILE_IDENTITY_H
#define TABLE_FILE_IDENTITY_H

#include <sys/types.h>

#include <time.h>

#include "lib/base/base.h"

struct file_identity {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
};

/* False with errno. */
bool file_identity_of_path(
    const char *path, struct file_identity *identity) MUST_USE;
bool file_identity_of_fd(int fd, struct file_identity *identity) MUST_USE;

bool file_identity_equal(
    const struct file_identity *a, const struct file_identity *b);
/* Whether `path` leads to something else than `identity` now. A path that leads
 * nowhere does not: its replacement may be on the way, or a closed sandbox
 * hides it. */
bool file_identity_is_replaced(
    const struct file_identity *identity, const char *path);

#endif
