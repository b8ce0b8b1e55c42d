/* SPDX-License-Identifier: MIT */
/* How a process ends: by a drain that master asks for, or because master is
 * gone. Private to lib/daemon. */
#ifndef DAEMON_ENDING_H
#define DAEMON_ENDING_H

#include "lib/base/base.h"

/* Closes the listeners, tells the service, and stops the loop when nothing is
 * in hand or after `seconds`. */
void ending_drain(int64_t seconds);

/* Master is gone, or SIGTERM came: what is begun has 5 s to finish. */
void ending_begin(void);

/* A session or a client has ended: was it the last? */
void ending_check(void);

#endif
