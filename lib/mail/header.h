/* SPDX-License-Identifier: MIT */
/* Header fields (RFC 5322 2.2) in a header block, and the only writer of new
 * ones. Reading borrows from the block and never allocates. */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "lib/base/buf.h"

struct header_field {
	struct span whole; /* with folding and its final CRLF */
	struct span name;  /* empty when the line is no field */
	struct span value; /* behind the colon, folding kept, no white space at
			    * either end */
};

/* Takes the next field from the front of *rest; false at its end. A line that
 * is no field comes as a whole with an empty name. LF alone also ends a line.
 */
bool header_next(struct span *rest, struct header_field *field);

/* The first field called `name`, whatever its case; false when none. */
bool header_find(
    struct span block, struct span name, struct header_field *field);

/* One or more of the bytes 33 to 126 without ':'. */
bool header_name_is_valid(struct span name);

/* Looks for the end of the header in content that arrives piece by piece.
 * `text` is all there is so far, *scanned (0 at first) remembers how much needs
 * no second look. True when the end is known: *scanned is then the length of
 * the header, and the body starts with an empty line, or with a line that is
 * no field (the caller adds the empty one). When the content ends first, the
 * whole of it is header. */
bool header_find_end(struct span text, size_t *scanned);

/* Appends `value` as one line: line ends go, the white space behind them stays
 * (RFC 5322 2.2.3). False when the buffer is at its maximum. */
bool header_unfold(struct buf *out, struct span value);

/* Appends "name: "; any number of header_add and header_fold follow, then
 * header_close. What comes from elsewhere cannot break the line: control
 * characters, and bytes above 127 that are not UTF-8, become '?'. Failures show
 * in out->overflowed. */
void header_open(struct buf *out, const char *name);
void header_add(struct buf *out, struct span text);
void header_printf(struct buf *out, const char *format, ...) PRINTF_LIKE(2, 3);
/* Goes on in a new line that starts with a tab. */
void header_fold(struct buf *out);
void header_close(struct buf *out);

/* A whole field in one line. */
void header_append(struct buf *out, const char *name, struct span value);

#endif
