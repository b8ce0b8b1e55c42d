/* SPDX-License-Identifier: MIT */
/* What a running instance has in the file system besides its sockets: its
 * directories, its pid file and lock, its log. */
#ifndef MASTER_PLACE_H
#define MASTER_PLACE_H

#include "master/generation.h"

/* Makes the directories and gives them their owners and modes; idempotent. Asks
 * the user database: not in a coroutine. */
bool place_make(
    const struct generation *generation, struct error *error) MUST_USE;

/* Takes the lock of the instance and writes the pid file; returns a descriptor
 * that holds the lock, or -1. */
int place_lock(
    const struct generation *generation, struct error *error) MUST_USE;

/* Opens the log. True with *fd -1: the log is syslog's. */
bool place_open_log(const struct generation *generation, bool in_foreground,
    int *fd, struct error *error) MUST_USE;

#endif
