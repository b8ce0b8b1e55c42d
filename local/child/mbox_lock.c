/* SPDX-License-Identifier: MIT */
#include "local/child/mbox_lock.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

static enum mbox_lock_result
lock_file(int fd, struct error *error)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_SETLK, &whole) == 0)
		return MBOX_LOCKED;
	if (errno == EAGAIN || errno == EACCES)
		return MBOX_LOCK_BUSY;
	error_system(error, "lock");
	return MBOX_LOCK_FAILED;
}

/* Removes a lock that nobody has touched for long. */
static void
remove_stale(const struct mbox_lock *lock, unsigned stale_time)
{
	struct stat status;

	if (fstatat(lock->directory_fd, lock->dotlock, &status,
		AT_SYMLINK_NOFOLLOW) == 0 &&
	    status.st_mtime + (time_t)stale_time < time(NULL))
		(void)unlinkat(lock->directory_fd, lock->dotlock, 0);
}

static enum mbox_lock_result
make_dotlock(struct mbox_lock *lock, const struct job_settings *settings,
    const char *name)
{
	int fd;

	if (snprintf(lock->dotlock, sizeof lock->dotlock, "%s.lock", name) >=
	    (int)sizeof lock->dotlock)
		errno = ENAMETOOLONG;
	else {
		remove_stale(lock, settings->stale_time);
		fd = openat(lock->directory_fd, lock->dotlock,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0) {
			(void)close(fd);
			return MBOX_LOCKED;
		}
	}
	lock->dotlock[0] = '\0';
	return errno == EEXIST ? MBOX_LOCK_BUSY : MBOX_LOCKED;
}

enum mbox_lock_result
mbox_lock_try(struct mbox_lock *lock, const struct job_settings *settings,
    int directory_fd, const char *name, int fd, struct error *error)
{
	enum mbox_lock_result result = MBOX_LOCKED;

	lock->directory_fd = directory_fd;
	lock->dotlock[0] = '\0';
	if (settings->uses_fcntl)
		result = lock_file(fd, error);
	if (result == MBOX_LOCKED && settings->uses_dotlock)
		result = make_dotlock(lock, settings, name);
	return result;
}

void
mbox_lock_release(struct mbox_lock *lock)
{
	if (lock->dotlock[0] != '\0')
		(void)unlinkat(lock->directory_fd, lock->dotlock, 0);
	lock->dotlock[0] = '\0';
}
