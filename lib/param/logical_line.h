/* SPDX-License-Identifier: MIT */
/* Cuts main.cf and master.cf into logical lines: a line that begins with white
 * space continues the one before it; empty lines and lines whose first visible
 * character is '#' are skipped, also between continuation lines. */
#ifndef PARAM_LOGICAL_LINE_H
#define PARAM_LOGICAL_LINE_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

#define LOGICAL_LINE_MAXIMUM (1024 * 1024) /* bytes */

struct logical_line_reader {
	const char *file; /* label for messages */
	struct span rest;
	unsigned next_number;
	unsigned number; /* first physical line of the last logical line */
};

enum logical_line_result {
	LOGICAL_LINE_TEXT, /* *line holds it, without white space at its end */
	LOGICAL_LINE_END,
	/* *error begins with file and line; the next call goes on behind it */
	LOGICAL_LINE_BAD
};

/* `file` and `text` must outlive the reader. */
void logical_line_start(
    struct logical_line_reader *reader, const char *file, struct span text);
/* `line` is cleared first. */
enum logical_line_result logical_line_next(struct logical_line_reader *reader,
    struct buf *line, struct error *error) MUST_USE;

#endif
