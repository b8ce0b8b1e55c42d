/* SPDX-License-Identifier: MIT */
/* The filter of system calls (seccomp(2)). What is not in it is refused; how
 * is refused_call.h. */
#ifndef SANDBOX_CALL_FILTER_H
#define SANDBOX_CALL_FILTER_H

#include "lib/base/error.h"

struct call_filter_request {
	unsigned sets; /* enum call_set */
	/* Instead of the sets: names, space between them, for a program that
	 * wants to be narrower than they are. NULL: the sets. */
	const char *only;
};

/* Whether the kernel has filters. */
bool call_filter_is_known(void);

/* Puts the filter in force for this thread and all that come from it, for good.
 * Sets no_new_privs. */
bool call_filter_enter(
    const struct call_filter_request *request, struct error *error) MUST_USE;

/* The name of a call of this machine, for logs; "?" when it has none. */
void call_filter_name(int number, char *name, size_t size);

#endif
