/* SPDX-License-Identifier: MIT */
#include "smtp/dns/watched_file.h"

#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/loop/loop.h"

enum {
	FILE_MAXIMUM = 4 << 20, /* bytes */
	LOOK_INTERVAL = 1000    /* milliseconds */
};

void
watched_file_init(struct watched_file *file, const char *path)
{
	*file = (struct watched_file){.path = path};
	/* No file has this size, so the first look finds a change. */
	file->seen.st_size = -1;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool
watched_file_read(struct watched_file *file, struct buf *text)
{
	struct stat now = {0};

	buf_init(text, FILE_MAXIMUM);
	if (loop_now() < file->next_look)
		return false;
	file->next_look = loop_now() + LOOK_INTERVAL;
	if (stat(file->path, &now) < 0)
		now = (struct stat){0};
	if (is_same(&now, &file->seen))
		return false;
	file->seen = now;
	if (!io_read_file(AT_FDCWD, file->path, text, NULL))
		buf_clear(text);
	return true;
}
