/* SPDX-License-Identifier: MIT */
/* Walks a run of content from line end to line end by memchr, which is what
 * makes lexer, measure and dot-stuffing fast. Lives on the caller's stack. */
#ifndef MAIL_LINE_SCAN_H
#define MAIL_LINE_SCAN_H

#include "lib/base/span.h"

struct line_scan {
	const char *at; /* not yet seen */
	const char *end;
	const char *newline; /* first LF from `at` on, or end; may lag behind */
};

enum line_scan_event {
	LINE_SCAN_CRLF,
	LINE_SCAN_LF,      /* without CR before it */
	LINE_SCAN_CR,      /* without LF behind it */
	LINE_SCAN_OPEN_CR, /* the run ends in CR */
	LINE_SCAN_REST     /* the run ends in the middle of a line */
};

static inline const char *
line_scan_find(const struct line_scan *scan, const char *end, char byte)
{
	const char *found = memchr(scan->at, byte, (size_t)(end - scan->at));

	return found == NULL ? end : found;
}

static inline struct line_scan
line_scan_start(struct span run)
{
	struct line_scan scan = {.at = run.at, .end = run.at + run.len};

	scan.newline = line_scan_find(&scan, scan.end, '\n');
	return scan;
}

/* Goes behind the next CR, LF or CRLF, or to the end of the run; *len is the
 * number of bytes passed before it. The position of the LF is kept over bare
 * CRs, so that a run full of them costs no more than any other. */
static inline enum line_scan_event
line_scan_next(struct line_scan *scan, size_t *len)
{
	const char *start = scan->at;
	const char *stop;

	if (scan->newline < scan->at)
		scan->newline = line_scan_find(scan, scan->end, '\n');
	stop = line_scan_find(scan, scan->newline, '\r');
	*len = (size_t)(stop - start);
	scan->at = stop == scan->end ? stop : stop + 1;
	if (stop == scan->newline)
		return stop == scan->end ? LINE_SCAN_REST : LINE_SCAN_LF;
	if (scan->at == scan->end)
		return LINE_SCAN_OPEN_CR;
	if (scan->at != scan->newline)
		return LINE_SCAN_CR;
	scan->at++;
	return LINE_SCAN_CRLF;
}

#endif
