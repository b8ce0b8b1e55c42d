/* SPDX-License-Identifier: MIT */
#include "lib/table/file_identity.h"

#include <sys/stat.h>

static struct file_identity
from_stat(const struct stat *status)
{
	return (struct file_identity){
	    .device = status->st_dev,
	    .inode = status->st_ino,
	    .size = status->st_size,
	    .modified = status->st_mtim,
	};
}

bool
file_identity_of_path(const char *path, struct file_identity *identity)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return false;
	*identity = from_stat(&status);
	return true;
}

bool
file_identity_of_fd(int fd, struct file_identity *identity)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return false;
	*identity = from_stat(&status);
	return true;
}

bool
file_identity_equal(
    const struct file_identity *a, const struct file_identity *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->size == b->size && a->modified.tv_sec == b->modified.tv_sec &&
	    a->modified.tv_nsec == b->modified.tv_nsec;
}

bool
file_identity_is_replaced(
    const struct file_identity *identity, const char *path)
{
	struct file_identity now;

	return file_identity_of_path(path, &now) &&
	    !file_identity_equal(&now, identity);
}
