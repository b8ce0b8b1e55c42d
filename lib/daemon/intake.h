/* SPDX-License-Identifier: MIT */
/* Where work comes in: the listeners that master gave, sessions on the public
 * ones, peers on the others. Private to lib/daemon. */
#ifndef DAEMON_INTAKE_H
#define DAEMON_INTAKE_H

#include "lib/base/span.h"

/* Whether GIVE's name is that of a listener. */
bool intake_is_listener(struct span name);
/* Keeps the listener, which is not yet in the loop; takes `fd`. */
void intake_add(struct span name, int fd);
void intake_start(void);
/* Begins a session with a client that another process has accepted; takes `fd`.
 */
void intake_serve(int fd);
/* Closes all listeners. */
void intake_stop(void);

/* Some peer's conversation is being served. */
bool intake_is_serving(void);

#endif
