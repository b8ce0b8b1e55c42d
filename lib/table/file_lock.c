/* SPDX-License-Identifier: MIT */
#include "lib/table/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

enum {
	ATTEMPTS = 100,
	PAUSE = 10 * 1000 * 1000 /* nanoseconds */
};

static int
lock(int fd, int command, short type)
{
	struct flock all = {.l_type = type, .l_whence = SEEK_SET};

	return fcntl(fd, command, &all);
}

bool
file_lock_shared(int fd, struct error *error)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		const struct timespec pause = {.tv_nsec = PAUSE};

		if (lock(fd, F_OFD_SETLK, F_RDLCK) == 0)
			return true;
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return error_system(error, "lock");
		nanosleep(&pause, NULL);
	}
	return error_set(
	    error, ERROR_TEMPORARY, "the file is being written and locked");
}

bool
file_lock_exclusive(int fd, struct error *error)
{
	while (lock(fd, F_OFD_SETLKW, F_WRLCK) < 0)
		if (errno != EINTR)
			return error_system(error, "lock");
	return true;
}

void
file_lock_release(int fd)
{
	(void)lock(fd, F_OFD_SETLK, F_UNLCK);
}
