/* SPDX-License-Identifier: MIT */
/* What a reader of configuration noticed without refusing it. Libraries never
 * log: the caller embeds the list, prints it and calls warnings_finish.
 * Bounded: a text that is already there is not added again, and what comes
 * after the maximum is only counted. */
#ifndef PARAM_WARNINGS_H
#define PARAM_WARNINGS_H

#include "lib/base/base.h"

#define WARNINGS_MAXIMUM 500

struct warnings {
	char **text; /* one line each, no final dot; NULL while there is none */
	size_t count;
	size_t dropped;
};

void warnings_init(struct warnings *warnings);
void warnings_finish(struct warnings *warnings);

/* NULL `warnings`: the caller does not want to know. */
void warnings_add(struct warnings *warnings, const char *format, ...)
    PRINTF_LIKE(2, 3);

#endif
