/* SPDX-License-Identifier: MIT */
/* Notices that were made durable for another qmgr, which died before it had
 * written so: whoever bounced, nobody is told twice. bounce says so before it
 * works for us; a recipient is told once of a kind, so nothing here ends. */
#ifndef QMGR_TOLD_H
#define QMGR_TOLD_H

#include "lib/daemon/delivery.h"
#include "lib/ipc/peer.h"
#include "lib/queue/id.h"

void told_open(void);
/* Serves TOLD. */
void told_take(struct peer *peer, struct frame *frame);
bool told_has(
    const struct queue_id *id, enum notice_kind kind, uint32_t recipient);

#endif
