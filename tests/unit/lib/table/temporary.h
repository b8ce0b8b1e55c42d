/* SPDX-License-Identifier: MIT */
/* A temporary directory for a test, and files in it. */
#ifndef UNIT_TABLE_TEMPORARY_H
#define UNIT_TABLE_TEMPORARY_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "lib/base/io.h"

#include "../../unit.h"

struct temporary {
	char path[64];
};

static inline int
temporary_setup(void **state)
{
	struct temporary *temporary = calloc(1, sizeof *temporary);

	snprintf(temporary->path, sizeof temporary->path, "%s",
	    "/tmp/postern-table-XXXXXX");
	*state = temporary;
	return mkdtemp(temporary->path) == NULL ? -1 : 0;
}

static inline int
temporary_remove(const char *path, const struct stat *status UNUSED,
    int type UNUSED, struct FTW *walk UNUSED)
{
	return remove(path);
}

static inline int
temporary_teardown(void **state)
{
	struct temporary *temporary = *state;
	int result =
	    nftw(temporary->path, temporary_remove, 10, FTW_DEPTH | FTW_PHYS);

	free(temporary);
	return result;
}

/* Writes `before` and the path of `name` to `text`, which has 200 bytes. */
static inline const char *
temporary_name(const struct temporary *temporary, const char *before,
    const char *name, char *text)
{
	snprintf(text, 200, "%s%s/%s", before, temporary->path, name);
	return text;
}

/* Replaces the file as an editor does that writes in place. */
static inline void
temporary_write(
    const struct temporary *temporary, const char *name, const char *content)
{
	char path[200];
	struct error error;
	int fd = open(temporary_name(temporary, "", name, path),
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_true(io_write(fd, span_text(content), &error));
	io_close(&fd);
}

#endif
