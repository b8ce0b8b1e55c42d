/* SPDX-License-Identifier: MIT */
/* Copies the text of main.cf or master.cf for another directory: paths of files
 * that go along are made to point to the copies. Comments and the form of every
 * line stay. */
#ifndef MASTER_POSTERN_RELOCATE_H
#define MASTER_POSTERN_RELOCATE_H

#include "lib/base/buf.h"
#include "lib/param/warnings.h"

struct relocation {
	const char *from; /* absolute paths without a slash at the end */
	const char *to;
	/* Whether that path, relative to `from`, goes along. */
	bool (*goes_along)(void *argument, struct span path);
	void *argument;
	struct warnings *notes; /* what was changed, with file and line */
};

/* Appends the changed text; `file` is its label. */
void relocate_text(const struct relocation *relocation, const char *file,
    struct span text, struct buf *out);

#endif
