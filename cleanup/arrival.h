/* SPDX-License-Identifier: MIT */
/* Tells qmgr about messages that have become durable. A notice is speed, the
 * queue directory is the truth: nobody waits for qmgr, and what cannot be told
 * within bounds is left to its scan. */
#ifndef CLEANUP_ARRIVAL_H
#define CLEANUP_ARRIVAL_H

#include "lib/ipc/messages.h"

/* Begins to look for qmgr. */
void arrival_begin(void);

/* Returns at once; in a coroutine only. */
void arrival_tell(const struct message_arrival *arrival);

#endif
