/* SPDX-License-Identifier: MIT */
/* What must be known about a run of message content, header or body, before it
 * is sent: measured while the bytes pass, in pieces of any size. A zeroed
 * struct is an empty extent. */
#ifndef MAIL_CONTENT_EXTENT_H
#define MAIL_CONTENT_EXTENT_H

#include "lib/base/span.h"

struct content_extent {
	uint64_t size;         /* bytes */
	uint64_t lines;        /* that are complete */
	uint64_t longest_line; /* in bytes, without CRLF */
	uint64_t open_line;    /* bytes behind the last CRLF */
	bool eight_bit;        /* a byte above 127 */
	bool nul;
	bool leading_dot; /* a line starts with '.': DATA needs dot-stuffing */
	bool bare;        /* a CR or LF outside CRLF: must not be sent */
	bool open_cr;     /* the last byte is CR (then `bare` is yet to see) */
};

void content_extent_add(struct content_extent *extent, struct span bytes);

/* Empty, or ending in CRLF. */
static inline bool
content_extent_is_complete(const struct content_extent *extent)
{
	return extent->open_line == 0;
}

/* The same bytes can go out by sendfile after DATA. */
static inline bool
content_extent_is_sendable(const struct content_extent *extent)
{
	return !extent->leading_dot && !extent->bare &&
	    content_extent_is_complete(extent);
}

#endif
