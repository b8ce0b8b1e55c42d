/* SPDX-License-Identifier: MIT */
/* A lock among coroutines, handed over in the order of asking: one message's
 * file is in one job at a time. Embedded in its owner. */
#ifndef QMGR_TURN_H
#define QMGR_TURN_H

#include "lib/base/list.h"

struct turn {
	bool taken;
	struct list waiters;
};

void turn_init(struct turn *turn);
/* Waits until it is the caller's; in a coroutine only. */
void turn_take(struct turn *turn);
void turn_give(struct turn *turn);

#endif
