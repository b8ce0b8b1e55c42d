/* SPDX-License-Identifier: MIT */
/* What an agent has to know about a header or body before it sends it, gathered
 * as the bytes pass; embedded in its owner. */
#ifndef QUEUE_LINE_SCAN_H
#define QUEUE_LINE_SCAN_H

#include "lib/queue/format.h"

struct line_scan {
	uint32_t flags; /* enum part_flag, without PART_FINAL_CRLF */
	uint32_t longest_line;
	uint64_t line; /* bytes of the line begun, with a CR at its end */
	bool cr;       /* the last byte was CR */
	bool open;     /* the last line has not ended in CR LF */
};

/* Starts as zeros. */
void line_scan_add(struct line_scan *scan, struct span bytes);

/* Sets the flags and the longest line of `part`. An empty part counts as ended:
 * nothing has to be added to it. */
void line_scan_end(const struct line_scan *scan, struct part *part);

#endif
