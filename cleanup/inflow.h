/* SPDX-License-Identifier: MIT */
/* New mail waits a little while qmgr has more of it than it can take. */
#ifndef CLEANUP_INFLOW_H
#define CLEANUP_INFLOW_H

#include "lib/ipc/peer.h"

/* The notice INFLOW. */
void inflow_take(struct peer *peer, struct frame *frame);
/* The connection to qmgr is new: what its predecessor said is void. */
void inflow_reset(void);

/* How long a message from `origin` is to wait, in milliseconds: `delay`
 * (seconds) for each level, up to a minute. What the mail system itself sends
 * does not wait: others may be waiting for it. */
int64_t inflow_pause(uint32_t level, int64_t delay, enum message_origin origin);
/* Waits so long; in a coroutine. */
void inflow_wait(struct span begin);

#endif
