/* SPDX-License-Identifier: MIT */
/* Takes in cleanup's notices of new messages. */
#ifndef QMGR_ARRIVAL_H
#define QMGR_ARRIVAL_H

#include "lib/ipc/peer.h"

/* The handler of the notice CLEANUP. */
void arrival_meet(struct peer *peer, struct frame *frame);

/* The handler of the notice ARRIVAL. No table, no disk: only memory. */
void arrival_take(struct peer *peer, struct frame *frame);

#endif
