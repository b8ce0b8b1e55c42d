/* SPDX-License-Identifier: MIT */
/* Points the process's log where the parameters say. Master opens a log file
 * and gives the descriptor; without one lines go to syslog. */
#ifndef DAEMON_LOGGING_H
#define DAEMON_LOGGING_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/param/common.h"

/* `fd` (-1: syslog) is kept. Lines are batched per loop turn. */
void logging_open(
    const struct common_params *common, const char *program, int fd);
/* The log was rotated: the next lines go to `fd`, the old one is closed. */
void logging_reopen(int fd);

/* Reads a whole regular or memory file without moving its shared offset. */
bool logging_read_shared(
    int fd, struct buf *bytes, struct error *error) MUST_USE;

#endif
