/* SPDX-License-Identifier: MIT */
/* The queue as people and programs see it: the table of mailq, or one JSON
 * object a line. Pure: each function appends to a buffer. */
#ifndef POSTQUEUE_FORMAT_H
#define POSTQUEUE_FORMAT_H

#include "qmgr/postqueue/decoder.h"

enum {
	FORMAT_MAXIMUM = 1 << 20 /* bytes that one call appends, at most */
};

struct format {
	struct buf out;    /* the caller takes and clears it */
	uint64_t messages; /* so far */
	uint64_t bytes;
	uint64_t recipients; /* of the current message */
	struct buf reason;   /* the one shown last */
};

void format_init(struct format *format);
void format_finish(struct format *format);

/* The events of decoder.h, with the format as their owner. */
extern const struct decoder_events format_table;
extern const struct decoder_events format_json;

/* What follows the table. */
void format_table_end(struct format *format);

#endif
