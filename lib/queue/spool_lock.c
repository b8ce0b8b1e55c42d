/* SPDX-License-Identifier: MIT */
#include "lib/queue/spool_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

static bool
open_lock(const char *queue_directory, int *fd, struct error *error)
{
	int top = open(queue_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (top < 0)
		return error_system(error, "open %s", queue_directory);
	*fd = io_open_as_owner(
	    top, SPOOL_LOCK_NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	io_close(&top);
	return *fd >= 0 ||
	    error_system(error, "open %s/%s", queue_directory, SPOOL_LOCK_NAME);
}

/* The kernel names the holder of a POSIX lock and of no other kind. */
static pid_t
holder_of(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}

bool
spool_lock_take(const char *queue_directory, int *lock_fd, pid_t *holder,
    struct error *error)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	*holder = 0;
	if (!open_lock(queue_directory, lock_fd, error))
		return false;
	if (fcntl(*lock_fd, F_SETLK, &lock) == 0)
		return true;
	if (errno != EACCES && errno != EAGAIN) {
		error_system(error, "lock %s", queue_directory);
		io_close(lock_fd);
		return false;
	}
	*holder = holder_of(*lock_fd);
	io_close(lock_fd);
	return error_set(error, ERROR_TEMPORARY,
	    "the queue %s is in use by process %d", queue_directory,
	    (int)*holder);
}
