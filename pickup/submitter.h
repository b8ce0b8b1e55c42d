/* SPDX-License-Identifier: MIT */
/* The local user behind a connection, as the kernel names him, and what he is
 * allowed. Embedded in the session. */
#ifndef PICKUP_SUBMITTER_H
#define PICKUP_SUBMITTER_H

#include <sys/types.h>

#include "lib/base/error.h"
#include "lib/base/pool.h"

struct submitter {
	uid_t uid;
	struct span name;      /* "unknown" when nobody has this uid */
	struct span full_name; /* may be empty */
	bool has_name;
	bool is_counted;
};

/* Whether `users` (authorized_submit_users) is something that can be obeyed. */
bool submitter_check_list(struct span users, struct error *error) MUST_USE;
/* The first word of `users` that means `name` decides. */
bool submitter_is_listed(struct span users, struct span name);

/* Finds out who has the other end of `fd`; texts live in `pool`. False is a
 * temporary failure. In a coroutine. */
bool submitter_identify(struct submitter *submitter, struct pool *pool, int fd,
    struct error *error) MUST_USE;

/* Counts one more submission of this user; false when there are
 * submit_sessions_per_user. */
bool submitter_enter(struct submitter *submitter) MUST_USE;
/* Harmless when not counted. */
void submitter_leave(struct submitter *submitter);

#endif
