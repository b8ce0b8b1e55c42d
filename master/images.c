/* SPDX-License-Identifier: MIT */
#include "master/images.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

static bool
is_same_file(int fd, const char *path)
{
	struct stat ours;
	struct stat theirs;

	return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 &&
	    ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static void
open_one(struct images *images, size_t index, const char *path)
{
	int fd;

	if (images->at[index] > 0) {
		if (!is_same_file(images->at[index], path))
			images->replaced = true;
		return;
	}
	if (access(path, X_OK) < 0)
		return;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd >= 0)
		images->at[index] = fd;
}

void
images_open(struct images *images, const char *daemon_directory)
{
	size_t count;
	const struct program *programs = process_table_all(&count);
	char path[PATH_MAX];

	must(count <= IMAGES_MAXIMUM);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s", daemon_directory,
		    programs[i].executable);
		open_one(images, i, path);
	}
}

int
images_find(const struct images *images, const struct program *program)
{
	size_t count;
	const struct program *programs = process_table_all(&count);
	int fd = images->at[program - programs];

	return fd > 0 ? fd : -1;
}
