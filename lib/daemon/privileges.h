/* SPDX-License-Identifier: MIT */
/* Becomes the user of the process table, for good. */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include <sys/types.h>

#include "lib/base/error.h"

/* Nothing here can be undone. `root` is the new root directory, empty for
 * none. */
bool privileges_give_up(
    uid_t uid, gid_t gid, const char *root, struct error *error) MUST_USE;

/* What holds with and without a change of user: no core dumps, no new
 * privileges by exec, not dumpable, SIGTERM when the parent dies. Call it after
 * the last change of uid, which clears the last two. */
void privileges_harden(void);

#endif
