/* SPDX-License-Identifier: MIT */
/* Prints a message of the queue for people: its envelope, header and body, as
 * far as they are sound. */
#ifndef POSTCAT_SHOW_H
#define POSTCAT_SHOW_H

#include "lib/queue/dissect.h"

struct show {
	FILE *out;
	bool envelope;
	bool header;
	bool body;
	bool all;     /* recipients that are over, and all of the journal */
	bool numeric; /* times, states and flags as they are stored */
	bool offsets; /* before each line, where in the file it comes from */

	/* Of the message that is being shown. */
	uint64_t damages;
	uint64_t outstanding;
	uint64_t offset; /* of the next line of content */
	bool held_cr;
	bool in_line;
};

/* `name` stands in the lines between the parts. Places that are damaged are
 * told in the output. False when the file cannot be read, or not written. */
bool show_message(struct show *show, const struct source *source,
    const char *name, struct error *error) MUST_USE;

#endif
