/* SPDX-License-Identifier: MIT */
#include "lib/table/file_lock.h"

#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>

enum {
	PAUSE = 10 * 1000 * 1000, /* nanoseconds between attempts */
	SHARED_ATTEMPTS = 100,
	EXCLUSIVE_ATTEMPTS = 6000
};

static bool
try_fcntl(int fd, short type)
{
	struct flock all = {.l_type = type, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &all) == 0;
}

/* All or nothing, without waiting. */
static bool
try_both(int fd, int operation, short type)
{
	int saved_errno;

	if (flock(fd, operation | LOCK_NB) < 0)
		return false;
	if (try_fcntl(fd, type))
		return true;
	saved_errno = errno;
	(void)flock(fd, LOCK_UN);
	errno = saved_errno;
	return false;
}

static bool
lock(int fd, int operation, short type, int attempts, struct error *error)
{
	const struct timespec pause = {.tv_nsec = PAUSE};

	for (int i = 0; i < attempts; i++) {
		if (try_both(fd, operation, type))
			return true;
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return error_system(error, "lock");
		nanosleep(&pause, NULL);
	}
	return error_set(
	    error, ERROR_TEMPORARY, "another program has locked the file");
}

bool
file_lock_shared(int fd, struct error *error)
{
	return lock(fd, LOCK_SH, F_RDLCK, SHARED_ATTEMPTS, error);
}

bool
file_lock_exclusive(int fd, struct error *error)
{
	return lock(fd, LOCK_EX, F_WRLCK, EXCLUSIVE_ATTEMPTS, error);
}

void
file_lock_release(int fd)
{
	(void)try_fcntl(fd, F_UNLCK);
	(void)flock(fd, LOCK_UN);
}
