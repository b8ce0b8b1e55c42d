/* SPDX-License-Identifier: MIT */
/* Changes entries (logical lines) in the text of main.cf or master.cf.
 * Comments, empty lines, order and everything else stay as they are. */
#ifndef POSTCONF_EDIT_TEXT_H
#define POSTCONF_EDIT_TEXT_H

#include "lib/base/buf.h"

enum edit_action {
	EDIT_KEEP,
	EDIT_DROP,   /* its lines go; what decide() appended stands there */
	EDIT_COMMENT /* a "#" before each of its lines */
};

/* Appends the changed `text` to *out. decide() is shown each entry as one line
 * without its end and may append what comes before or in place of it. */
void edit_text(struct span text,
    enum edit_action (*decide)(
	void *argument, struct span entry, struct buf *out),
    void *argument, struct buf *out);

/* Ends the last line of what `out` holds, if it has to be ended. */
void edit_text_end_line(struct buf *out);

#endif
