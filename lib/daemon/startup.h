/* SPDX-License-Identifier: MIT */
/* From START to READY. Private to lib/daemon. */
#ifndef DAEMON_STARTUP_H
#define DAEMON_STARTUP_H

#include "lib/ipc/frame.h"

/* Takes master's START: reads the configuration, opens the service, gives up
 * privileges, answers READY. Ends the process when that fails, and in check
 * mode. */
void startup_take(struct frame *frame);

#endif
