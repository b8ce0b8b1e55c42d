/* SPDX-License-Identifier: MIT */
/* A shape as a table and as a chart for a terminal of 80 columns. Pure: both
 * append to a buffer. */
#ifndef INSPECT_SHAPE_TEXT_H
#define INSPECT_SHAPE_TEXT_H

#include "lib/base/buf.h"

#include "qmgr/inspect/shape.h"

enum {
	SHAPE_TEXT_WIDTH = 80,
	SHAPE_NUMBER_SIZE = 24
};

/* "12", "12k", "3M": at most `width` characters (3 or more), rounded down. */
void shape_number(uint64_t number, size_t width, char text[SHAPE_NUMBER_SIZE]);

/* The sum, then the `rows` largest domains, then the rest in one row. A column
 * for each age says up to how many minutes. */
void shape_table(const struct shape *shape, size_t rows, struct buf *out);

/* A bar for each age; in blocks of Unicode, else in ASCII. */
void shape_chart(const struct shape *shape, bool unicode, struct buf *out);

#endif
