/* SPDX-License-Identifier: MIT */
#include "lib/queue/reserve.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"

enum {
	TIMES_FREE = 3
};

/* The file may be full from an earlier life of qmgr. */
static bool
look(struct reserve *reserve, struct error *error)
{
	struct stat status;

	if (fstat(reserve->fd, &status) < 0)
		return error_system(error, "stat of " RESERVE_NAME);
	reserve->is_held = status.st_size >= RESERVE_SIZE;
	return true;
}

bool
reserve_open(
    struct reserve *reserve, const char *queue_directory, struct error *error)
{
	int top = open(queue_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	*reserve = (struct reserve){.fd = -1};
	if (top < 0)
		return error_system(error, "open %s", queue_directory);
	reserve->fd = io_open_as_owner(
	    top, RESERVE_NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (reserve->fd < 0)
		error_system(error, "open %s/" RESERVE_NAME, queue_directory);
	io_close(&top);
	if (reserve->fd < 0)
		return false;
	if (look(reserve, error))
		return true;
	reserve_close(reserve);
	return false;
}

void
reserve_close(struct reserve *reserve)
{
	io_close(&reserve->fd);
	reserve->is_held = false;
}

static bool
has_room(const struct reserve *reserve, struct error *error)
{
	struct statvfs status;

	if (fstatvfs(reserve->fd, &status) < 0)
		return error_system(error, "free space of the queue");
	return (uint64_t)status.f_bavail * status.f_frsize >=
	    (uint64_t)TIMES_FREE * RESERVE_SIZE ||
	    error_set(error, ERROR_LIMIT,
		"insufficient space in the queue file system");
}

/* Written and not only allocated: not every file system can do that. */
static bool
fill(const struct reserve *reserve, struct error *error)
{
	char *zeros = memory_zero(RESERVE_SIZE);
	bool filled =
	    io_pwrite(reserve->fd, span_of(zeros, RESERVE_SIZE), 0, error);

	free(zeros);
	return filled &&
	    (fsync(reserve->fd) == 0 ||
		error_system(error, "fsync of " RESERVE_NAME));
}

bool
reserve_fill(struct reserve *reserve, struct error *error)
{
	if (reserve->is_held)
		return true;
	if (reserve->fd < 0)
		return error_set(
		    error, ERROR_NOT_FOUND, RESERVE_NAME " is not open");
	if (!has_room(reserve, error))
		return false;
	reserve->is_held = fill(reserve, error);
	/* A part of it would only be in the way. */
	if (!reserve->is_held)
		(void)!ftruncate(reserve->fd, 0);
	return reserve->is_held;
}

bool
reserve_spend(struct reserve *reserve)
{
	if (!reserve->is_held)
		return false;
	reserve->is_held = false;
	return ftruncate(reserve->fd, 0) == 0;
}
