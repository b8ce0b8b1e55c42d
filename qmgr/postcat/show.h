/* SPDX-License-Identifier: MIT */
/* Prints a stored message for people: its envelope, header and body. */
#ifndef POSTCAT_SHOW_H
#define POSTCAT_SHOW_H

#include "lib/queue/store.h"

struct show {
	FILE *out;
	bool envelope;
	bool header;
	bool body;
	bool every_recipient; /* also those that are over */
};

/* `name` stands in the lines between the parts. False when the message cannot
 * be read to its end. */
bool show_message(const struct show *show, const struct stored *stored,
    const char *name, struct error *error) MUST_USE;

#endif
