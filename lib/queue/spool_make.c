/* SPDX-License-Identifier: MIT */
#include "lib/queue/spool_make.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/queue/reserve.h"
#include "lib/queue/spool_lock.h"

enum {
	MODE_PRIVATE = 0700,
	MODE_TOP = 0711,
	/* The owner, cleanup, may create and not list; files get the group. */
	MODE_ENTRY = 02370,
	MODE_FILE = 0600
};

enum spool_owner {
	OWNER_QUEUE,
	OWNER_CLEANUP
};

static const struct {
	const char *name;
	enum spool_owner owner;
} directories[] = {
    {"incoming", OWNER_CLEANUP},
    {"hold", OWNER_CLEANUP},
    {"deferred", OWNER_QUEUE},
    {"corrupt", OWNER_QUEUE},
    {"active", OWNER_QUEUE}, /* empty: for scripts that count files */
    {"maildrop", OWNER_QUEUE},
};

struct ownership {
	uid_t user;
	gid_t group;
	mode_t mode;
};

static bool
give(int fd, const struct ownership *ownership, struct error *error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_system(error, "stat");
	if ((status.st_uid != ownership->user ||
		status.st_gid != ownership->group) &&
	    fchown(fd, ownership->user, ownership->group) < 0)
		return error_system(error, "change the owner");
	/* After the owner, whose change clears the set-gid bit. What is right
	 * is left alone: without capabilities we may not even try. */
	if (fstat(fd, &status) < 0)
		return error_system(error, "stat");
	return (status.st_mode & ALLPERMS) == ownership->mode ||
	    fchmod(fd, ownership->mode) == 0 ||
	    error_system(error, "change the mode");
}

static int
open_directory(int at, const char *name, struct error *error)
{
	int fd;

	if (mkdirat(at, name, MODE_PRIVATE) < 0 && errno != EEXIST) {
		error_system(error, "make %s", name);
		return -1;
	}
	fd = io_open_as_owner(
	    at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		error_system(error, "open %s", name);
	return fd;
}

static bool
make_directory(int top, const char *name, const struct ownership *ownership,
    struct error *error)
{
	int fd = open_directory(top, name, error);
	bool made;

	if (fd < 0)
		return false;
	made = (give(fd, ownership, error) &&
		   (fsync(fd) == 0 || error_system(error, "fsync"))) ||
	    error_prefix(error, "%s", name);
	io_close(&fd);
	return made;
}

static bool
make_file(int top, const char *name, const struct ownership *ownership,
    struct error *error)
{
	static const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
	int fd = io_open_as_owner(top, name, flags);
	bool made;

	if (fd < 0 && errno == ENOENT)
		fd = openat(top, name, flags | O_CREAT, MODE_FILE);
	if (fd < 0)
		return error_system(error, "create %s", name);
	made = give(fd, ownership, error) || error_prefix(error, "%s", name);
	io_close(&fd);
	return made;
}

static struct ownership
ownership_of(const struct spool_owners *owners, enum spool_owner owner)
{
	if (owners == NULL)
		return (struct ownership){geteuid(), getegid(), MODE_PRIVATE};
	if (owner == OWNER_CLEANUP)
		return (struct ownership){
		    owners->cleanup_user, owners->queue_group, MODE_ENTRY};
	return (struct ownership){
	    owners->queue_user, owners->queue_group, MODE_PRIVATE};
}

static bool
make_all(int top, const struct spool_owners *owners, struct error *error)
{
	struct ownership top_ownership = {
	    geteuid(), getegid(), owners == NULL ? MODE_PRIVATE : MODE_TOP};
	struct ownership file = ownership_of(owners, OWNER_QUEUE);

	file.mode = MODE_FILE;
	if (!give(top, &top_ownership, error) ||
	    !make_file(top, SPOOL_LOCK_NAME, &file, error) ||
	    !make_file(top, RESERVE_NAME, &file, error))
		return false;
	for (size_t i = 0; i < COUNT_OF(directories); i++) {
		struct ownership ownership =
		    ownership_of(owners, directories[i].owner);

		if (!make_directory(
			top, directories[i].name, &ownership, error))
			return false;
	}
	return fsync(top) == 0 || error_system(error, "fsync");
}

static bool
sync_parent(int top, struct error *error)
{
	int fd = openat(top, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced;

	if (fd < 0)
		/* Unreadable for us: then it is not ours to have made. */
		return errno == EACCES || error_system(error, "open ..");
	synced = fsync(fd) == 0 || error_system(error, "fsync of ..");
	io_close(&fd);
	return synced;
}

bool
spool_make(const char *queue_directory, const struct spool_owners *owners,
    struct error *error)
{
	int top = open_directory(AT_FDCWD, queue_directory, error);
	bool made;

	if (top < 0)
		return false;
	made = (make_all(top, owners, error) && sync_parent(top, error)) ||
	    error_prefix(error, "%s", queue_directory);
	io_close(&top);
	return made;
}

int
spool_make_descriptor(
    const char *queue_directory, const char *name, struct error *error)
{
	int top = open(queue_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (top < 0) {
		error_system(error, "open %s", queue_directory);
		return -1;
	}
	fd = io_open_as_owner(
	    top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		error_system(error, "open %s/%s", queue_directory, name);
	io_close(&top);
	return fd;
}
