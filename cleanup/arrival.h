/* SPDX-License-Identifier: MIT */
/* Tells qmgr about messages that have become durable. A notice is speed, the
 * queue directory is the truth: nobody waits for qmgr, and what cannot be told
 * within bounds is left to its scan. */
#ifndef CLEANUP_ARRIVAL_H
#define CLEANUP_ARRIVAL_H

#include "lib/ipc/peer.h"

/* The connection to qmgr; NULL while there is none. Valid within this turn. */
struct peer *arrival_peer(void);

/* Begins to look for qmgr, and again whenever it is lost. `handlers` are what
 * it may send; connected() is called when it is found. */
void arrival_begin(const struct peer_handler *handlers, size_t handler_count,
    void (*connected)(void));

/* Returns at once. */
void arrival_tell(const struct message_arrival *arrival);

#endif
