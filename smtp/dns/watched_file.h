/* SPDX-License-Identifier: MIT */
/* A small file that is read anew when it has changed. Embedded in its owner. */
#ifndef SMTP_DNS_WATCHED_FILE_H
#define SMTP_DNS_WATCHED_FILE_H

#include <sys/stat.h>

#include "lib/base/buf.h"

struct watched_file {
	const char *path;
	int64_t next_look; /* loop_now() from which it is looked at again */
	struct stat seen;  /* zeroed when the file is not there */
};

/* Starts with a file that was never read. `path` is kept. */
void watched_file_init(struct watched_file *file, const char *path);

/* True when the file has changed since the last true: *text is then its
 * content, empty when it is gone or cannot be read. Looks at most once a
 * second. The caller finishes *text in either case. */
bool watched_file_read(struct watched_file *file, struct buf *text);

#endif
