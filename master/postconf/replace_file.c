/* SPDX-License-Identifier: MIT */
#include "master/postconf/replace_file.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

/* Mode and owner as `name` has them. */
static bool
copy_access(int directory_fd, const char *name, int fd, struct error *error)
{
	struct stat old;

	if (fstatat(directory_fd, name, &old, 0) != 0)
		return error_system(error, "stat %s", name);
	if (fchown(fd, old.st_uid, old.st_gid) != 0 ||
	    fchmod(fd, old.st_mode & 07777) != 0)
		return error_system(error, "keep the owner of %s", name);
	return true;
}

static bool
fill(int directory_fd, const char *name, int fd, struct span content,
    struct error *error)
{
	if (!copy_access(directory_fd, name, fd, error) ||
	    !io_write(fd, content, error))
		return false;
	return fsync(fd) == 0 || error_system(error, "fsync %s", name);
}

bool
replace_file(int directory_fd, const char *name, struct span content,
    struct error *error)
{
	char other[256];
	bool good;
	int fd;

	snprintf(other, sizeof other, ".%s.%ld", name, (long)getpid());
	fd = openat(
	    directory_fd, other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_system(error, "create %s", other);
	good = fill(directory_fd, name, fd, content, error);
	io_close(&fd);
	if (good && renameat(directory_fd, other, directory_fd, name) != 0)
		good = error_system(error, "rename %s to %s", other, name);
	if (!good)
		unlinkat(directory_fd, other, 0);
	if (good && fsync(directory_fd) != 0)
		good = error_system(error, "fsync the directory of %s", name);
	return good;
}
