/* SPDX-License-Identifier: MIT */
/* Files of private keys. A process that starts says which it has certificates
 * for; master opens them and passes the descriptors to keyd, and never reads
 * them. One stays open as long as a process lives that asked for it, so that a
 * new keyd gets what the old one had, whatever has become of the file. Part of
 * the crew. */
#ifndef MASTER_KEY_FILES_H
#define MASTER_KEY_FILES_H

#include "lib/base/error.h"
#include "lib/base/list.h"
#include "lib/base/span.h"

struct child;
struct crew;

struct key_files {
	struct list list; /* struct key_file */
	uint32_t last_number;
};

/* A process's share in them. */
struct key_share {
	uint32_t *numbers;
	size_t count;
};

void key_files_init(struct key_files *files);

/* `child` wants the keys in the file `path` to be at keyd. What is at the path
 * now counts. */
bool key_files_want(struct crew *crew, struct child *child, struct span path,
    struct error *error) MUST_USE;
/* `child` has ended: what nobody wants any more is closed, and forgotten by
 * keyd. */
void key_files_release(struct crew *crew, struct child *child);

/* All of them, to a keyd that starts. */
bool key_files_give(const struct key_files *files, struct child *keyd,
    struct error *error) MUST_USE;

#endif
