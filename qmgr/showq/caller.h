/* SPDX-License-Identifier: MIT */
/* The local user behind a connection, as the kernel names him, and whether he
 * may have what he asks for. Embedded in the session. */
#ifndef SHOWQ_CALLER_H
#define SHOWQ_CALLER_H

#include <sys/types.h>

#include "lib/base/error.h"
#include "lib/base/span.h"

struct caller {
	uid_t uid;
	bool is_counted;
};

/* Whether a list of users is something that can be obeyed; `name` is the
 * parameter's. */
bool caller_check_list(
    const char *name, struct span users, struct error *error) MUST_USE;

/* Takes the caller's uid from the socket, and counts one more session of his:
 * false with the words when he has too many. */
bool caller_enter(struct caller *caller, int fd, struct error *error) MUST_USE;
/* Harmless when not counted. */
void caller_leave(struct caller *caller);

/* True when the first word of `users` that means the caller is not negated. His
 * name is asked of lookup if need be, in a coroutine; ERROR_TEMPORARY when that
 * fails. */
bool caller_is_listed(const struct caller *caller, struct span users,
    struct error *error) MUST_USE;

#endif
