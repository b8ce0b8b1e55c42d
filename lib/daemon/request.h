/* SPDX-License-Identifier: MIT */
/* Reads qmgr's request for a delivery. Private to lib/daemon. */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include "lib/daemon/delivery.h"
#include "lib/ipc/peer.h"

/* DELIVER, which is `first`, perhaps CONTENT, then DELIVER_RECIPIENTS. NULL
 * when qmgr is gone or its request makes no sense; else the caller's, to be
 * freed by request_destroy. In a coroutine. */
struct delivery *request_receive(struct conversation *conversation,
    struct frame *first, struct error *error) MUST_USE;
/* NULL is allowed. */
void request_destroy(struct delivery *delivery);

#endif
