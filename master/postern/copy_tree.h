/* SPDX-License-Identifier: MIT */
/* Copies the regular files of a directory, with those of its directories. */
#ifndef MASTER_POSTERN_COPY_TREE_H
#define MASTER_POSTERN_COPY_TREE_H

#include "lib/base/error.h"
#include "lib/param/warnings.h"

struct copy_tree {
	/* Whether the file or directory at `path`, relative to the top, is to
	 * be copied. */
	bool (*wants)(const char *path);
	struct warnings *notes; /* what was left out for another reason */
	size_t files;           /* copied so far */
};

/* Modes go along, owners as well if the caller is root. Files that are there
 * already are replaced. `to` exists. The error begins with the path. */
bool copy_tree_run(struct copy_tree *copy, const char *from, const char *to,
    struct error *error) MUST_USE;

#endif
