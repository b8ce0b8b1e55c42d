/* SPDX-License-Identifier: MIT */
#include "local/child/directory.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "lib/base/io.h"

/* A new name is durable once its directory is. */
static bool
make(int parent_fd, const char *name, struct error *error)
{
	if (mkdirat(parent_fd, name, 0700) < 0 && errno != EEXIST)
		return error_system(error, "mkdir %s", name);
	return fsync(parent_fd) == 0 ||
	    error_system(error, "fsync of the directory of %s", name);
}

static int
open_or_make(int parent_fd, const char *name, int flags, struct error *error)
{
	int fd;

	flags |= O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	fd = openat(parent_fd, name, flags);
	if (fd < 0 && errno == ENOENT) {
		if (!make(parent_fd, name, error))
			return -1;
		fd = openat(parent_fd, name, flags);
	}
	if (fd < 0)
		error_system(error, "open %s", name);
	return fd;
}

int
directory_open(int base_fd, struct span path, struct error *error)
{
	char name[NAME_MAX + 1];
	struct span word;
	int fd = openat(base_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		error_system(error, "open the base directory");
	while (fd >= 0 && span_take_word(&path, "/", &word)) {
		int parent_fd = fd;

		fd = -1;
		if (word.len > NAME_MAX || span_equal(word, SPAN("..")))
			error_set(error, ERROR_INVALID, "bad name in a path");
		else {
			snprintf(name, sizeof name, "%.*s", SPAN_ARGS(word));
			fd = open_or_make(parent_fd, name, 0, error);
		}
		io_close(&parent_fd);
	}
	return fd;
}

int
directory_open_own(
    int parent_fd, const char *name, bool strict, struct error *error)
{
	int fd = open_or_make(parent_fd, name, O_NOFOLLOW, error);
	struct stat status;

	if (fd < 0 || !strict)
		return fd;
	if (fstat(fd, &status) < 0)
		error_system(error, "stat %s", name);
	else if (status.st_uid != geteuid())
		error_set(error, ERROR_INVALID,
		    "directory %s is not owned by recipient", name);
	else
		return fd;
	io_close(&fd);
	return -1;
}
