/* SPDX-License-Identifier: MIT */
/* Starts a program whose executable was opened before, with a control channel
 * as descriptor 3 and nothing else of master's. */
#ifndef MASTER_SPAWN_H
#define MASTER_SPAWN_H

#include <sys/types.h>

#include "lib/base/error.h"

struct spawn_request {
	int image;        /* the executable, open */
	const char *name; /* its argv[0] */
	char *const *environment;
	int report_fd; /* its standard error; -1: none */
};

/* Closes what was inherited besides standard input, output and error, and keeps
 * the number that a child needs out of the way of what this process opens. */
void spawn_prepare(void);

/* Returns the process id, or -1. *control is the caller's end of the channel.
 */
pid_t spawn_program(const struct spawn_request *request, int *control,
    struct error *error) MUST_USE;

#endif
