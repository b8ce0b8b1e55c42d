/* SPDX-License-Identifier: MIT */
/* Serves qmgr's NOTIFY: decides who gets a notice, and answers when the notice
 * is durable. */
#ifndef BOUNCE_NOTIFY_H
#define BOUNCE_NOTIFY_H

#include "lib/ipc/peer.h"

/* Notices that are being made, for whichever qmgr. */
unsigned notify_count(void);
void notify_serve(struct conversation *conversation, struct frame *first);

#endif
