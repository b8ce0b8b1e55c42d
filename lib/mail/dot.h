/* SPDX-License-Identifier: MIT */
/* Content on its way out: stored form in, what follows DATA out. Dots are
 * stuffed, and nothing but CRLF ends a line on the wire whatever the input: a
 * bare LF leaves as CRLF, a bare CR as a blank. Embedded in its owner. */
#ifndef MAIL_DOT_H
#define MAIL_DOT_H

#include "lib/base/span.h"

/* Takes one run of wire form, valid during the call only; false stops. */
typedef bool (*dot_sink)(void *owner, struct span run);

struct dot {
	dot_sink sink;
	void *owner;
	uint64_t line_maximum; /* longer lines are cut by CRLF and a blank
				* (smtp_line_length_limit); 0 = never */
	uint64_t line_len;     /* bytes of the current line, its stuffed dot not
				* counted */
	bool open_cr;          /* a CR was held back */
};

void dot_init(
    struct dot *dot, uint64_t line_maximum, dot_sink sink, void *owner);
/* False as soon as the sink says so. */
bool dot_feed(struct dot *dot, struct span content) MUST_USE;
/* Sends CRLF if the last line has none, then ".CRLF". */
bool dot_finish(struct dot *dot) MUST_USE;
/* Sends CRLF if the last line has none, for BDAT and for the place between an
 * edited header and the body. */
bool dot_finish_line(struct dot *dot) MUST_USE;

#endif
