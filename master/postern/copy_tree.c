/* SPDX-License-Identifier: MIT */
#include "master/postern/copy_tree.h"

#include <sys/sendfile.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"

enum {
	CHUNK = 1 << 24,
	PATH_SIZE = 1024
};

/* Owner and mode as `status` says. */
static bool
copy_access(int fd, const struct stat *status, struct error *error)
{
	if (geteuid() == 0 && fchown(fd, status->st_uid, status->st_gid) != 0)
		return error_system(error, "chown");
	return fchmod(fd, status->st_mode & 07777) == 0 ||
	    error_system(error, "chmod");
}

static bool
copy_bytes(int from, int to, struct error *error)
{
	ssize_t count;

	do
		count = sendfile(to, from, NULL, CHUNK);
	while (count > 0 || (count < 0 && errno == EINTR));
	return count == 0 || error_system(error, "copy");
}

static bool
fill(int from, int to, const struct stat *status, struct error *error)
{
	return copy_bytes(from, to, error) && copy_access(to, status, error) &&
	    (fsync(to) == 0 || error_system(error, "fsync"));
}

static bool
copy_file(const char *from, const char *to, const struct stat *status,
    struct error *error)
{
	int source = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int target = -1;
	bool good = false;

	if (source < 0) {
		error_system(error, "open");
	} else {
		(void)unlink(to);
		target =
		    open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		good = target < 0 ? error_system(error, "create %s", to)
				  : fill(source, target, status, error);
	}
	io_close(&source);
	io_close(&target);
	return good;
}

static bool
copy_directory(const char *to, const struct stat *status, struct error *error)
{
	bool good;
	int fd;

	if (mkdir(to, 0700) != 0 && errno != EEXIST)
		return error_system(error, "mkdir %s", to);
	fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return error_system(error, "open %s", to);
	good = copy_access(fd, status, error);
	io_close(&fd);
	return good;
}

/* `path` is relative to the top. */
static bool
copy_entry(struct copy_tree *copy, const FTSENT *entry, const char *path,
    const char *to, struct error *error)
{
	char target[PATH_SIZE];

	if (snprintf(target, sizeof target, "%s/%s", to, path) >=
	    (int)sizeof target)
		return error_set(error, ERROR_LIMIT, "the path is too long");
	switch (entry->fts_info) {
	case FTS_D:
		return copy_directory(target, entry->fts_statp, error);
	case FTS_F:
		copy->files++;
		return copy_file(
		    entry->fts_path, target, entry->fts_statp, error);
	case FTS_DP:
		return true;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		errno = entry->fts_errno;
		return error_system(error, "read");
	default:
		warnings_add(copy->notes,
		    "%s is not copied: it is no regular file", path);
		return true;
	}
}

bool
copy_tree_run(struct copy_tree *copy, const char *from, const char *to,
    struct error *error)
{
	char *tops[] = {memory_copy(span_text(from)), NULL};
	FTS *tree = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;
	bool good = true;

	while (good && tree != NULL && (entry = fts_read(tree)) != NULL) {
		const char *path = entry->fts_path + strlen(from);

		if (entry->fts_level == 0)
			continue;
		path += strspn(path, "/");
		if (!copy->wants(path))
			(void)fts_set(tree, entry, FTS_SKIP);
		else if (!copy_entry(copy, entry, path, to, error))
			good = error_prefix(error, "%s", entry->fts_path);
	}
	if (tree == NULL)
		good = error_system(error, "%s", from);
	else
		(void)fts_close(tree);
	free(tops[0]);
	return good;
}
