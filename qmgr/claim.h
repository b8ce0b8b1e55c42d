/* SPDX-License-Identifier: MIT */
/* Ids of messages that are not in the table of messages and that somebody is
 * working on: reading into memory, or moving by an administrator's order. */
#ifndef QMGR_CLAIM_H
#define QMGR_CLAIM_H

#include "lib/queue/id.h"

void claim_open(void);
/* False when the message is in memory or somebody else's already. */
bool claim_take(const struct queue_id *id) MUST_USE;
bool claim_is_possible(const struct queue_id *id);
/* Leaves word for the holder, if there is one. */
void claim_want(const struct queue_id *id);
/* Whether somebody has wanted it meanwhile. */
bool claim_give(const struct queue_id *id);

#endif
