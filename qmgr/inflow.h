/* SPDX-License-Identifier: MIT */
/* Receiving must not outrun sending without limit (REL-13): as long as fresh
 * messages wait for room in memory every cleanup process knows how many, and
 * slows its clients down. Owns the list of those processes. */
#ifndef QMGR_INFLOW_H
#define QMGR_INFLOW_H

#include "lib/ipc/peer.h"

/* How many tenths of `limit`, the messages that fit into memory, are waiting;
 * one less only when half a tenth less than that `before` wait. */
uint32_t inflow_level(uint32_t before, uint64_t waiting, uint64_t limit);

/* A cleanup process; false when it is known. */
bool inflow_met(struct peer *peer);
/* Calls call(peer) for each that is there. */
void inflow_each(void (*call)(struct peer *peer));
/* A connection has ended, any. */
void inflow_lost(const struct peer *peer);

/* So many fresh messages wait now. */
void inflow_set_waiting(uint64_t waiting);

#endif
