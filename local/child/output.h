/* SPDX-License-Identifier: MIT */
/* Writes content in stored form to a mailbox file: CRLF becomes LF, and for an
 * mbox ">" is put before lines that begin with "From ". Embedded in its owner,
 * who calls output_finish. */
#ifndef LOCAL_CHILD_OUTPUT_H
#define LOCAL_CHILD_OUTPUT_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

struct output {
	int fd; /* stays the caller's */
	bool quotes_from;
	struct buf buf;  /* not yet written */
	bool at_start;   /* of a line whose first bytes may be "From " */
	size_t matched;  /* bytes of "From " that were held back */
	bool has_return; /* a CR was held back */
	bool is_unended; /* the last line has no end yet */
};

void output_init(struct output *output, int fd, bool quotes_from);
void output_finish(struct output *output);

/* A piece of the content, cut anywhere. */
bool output_content(
    struct output *output, struct span content, struct error *error) MUST_USE;
/* Text of our own, as it is; at the start of a line. */
bool output_text(
    struct output *output, const char *text, struct error *error) MUST_USE;
/* No more content comes: ends the last line and writes what is left. */
bool output_end(struct output *output, struct error *error) MUST_USE;

#endif
