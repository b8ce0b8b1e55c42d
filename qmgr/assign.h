/* SPDX-License-Identifier: MIT */
/* Gives each recipient its place in the queue of a transport, by the route that
 * came with it or that lookup gives. */
#ifndef QMGR_ASSIGN_H
#define QMGR_ASSIGN_H

#include "qmgr/message.h"

/* `recipient` is open and in no list. */
void assign(
    struct recipient *recipient, struct span transport, struct span next_hop);

/* Asks lookup for the routes of these open recipients and empties the list.
 * Those without a route are deferred. In a coroutine. */
void assign_by_lookup(struct message *message, struct list *recipients);

/* Newest generation of tables whose routes were seen; older ones are asked for
 * again. */
bool assign_is_current(uint32_t generation);

#endif
