/* SPDX-License-Identifier: MIT */
#include "master/images.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

static bool
is_same_file(int fd, int directory, const char *name)
{
	struct stat ours;
	struct stat theirs;

	return fstat(fd, &ours) == 0 &&
	    fstatat(directory, name, &theirs, 0) == 0 &&
	    ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static void
open_one(struct images *images, size_t index, int directory, const char *name)
{
	int fd;

	if (images->at[index] > 0) {
		if (!is_same_file(images->at[index], directory, name))
			images->replaced = true;
		return;
	}
	if (faccessat(directory, name, X_OK, 0) < 0)
		return;
	fd = openat(directory, name, O_PATH | O_CLOEXEC);
	if (fd >= 0)
		images->at[index] = fd;
}

void
images_open(struct images *images, const char *daemon_directory)
{
	int directory =
	    open(daemon_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t count;
	const struct program *programs = process_table_all(&count);

	must(count <= IMAGES_MAXIMUM);
	for (size_t i = 0; directory >= 0 && i < count; i++)
		open_one(images, i, directory, programs[i].executable);
	io_close(&directory);
}

int
images_find(const struct images *images, const struct program *program)
{
	size_t count;
	const struct program *programs = process_table_all(&count);
	int fd = images->at[program - programs];

	return fd > 0 ? fd : -1;
}
