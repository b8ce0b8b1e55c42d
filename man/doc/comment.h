/* SPDX-License-Identifier: MIT */
/* C comments as text, for manual pages that are written in a header. */
#ifndef DOC_COMMENT_H
#define DOC_COMMENT_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

/* Takes everything up to the end of the next comment from the front of *rest;
 * *comment is what is between the marks. False when there is none. */
bool comment_take(struct span *rest, struct span *comment);

/* Takes the next line of a comment, without the star in front of it. */
bool comment_take_line(struct span *comment, struct span *line);

/* Appends the line as mdoc text; one beyond 4 KB is cut. */
void comment_append_line(struct buf *out, struct span line);

/* Appends the comment behind the licence line, as it stands. */
bool comment_append(
    struct buf *out, struct span source, struct error *error) MUST_USE;

#endif
