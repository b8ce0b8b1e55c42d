/* SPDX-License-Identifier: MIT */
/* Serves qmgr's NOTIFY: decides who gets a notice, and answers when the notice
 * is durable. */
#ifndef BOUNCE_NOTIFY_H
#define BOUNCE_NOTIFY_H

#include "lib/ipc/peer.h"

void notify_serve(struct conversation *conversation, struct frame *first);

#endif
