/* SPDX-License-Identifier: MIT */
/* Delivery of one message to virtual mailboxes. */
#ifndef LOCAL_VIRTUAL_RECIPIENT_H
#define LOCAL_VIRTUAL_RECIPIENT_H

#include "lib/daemon/delivery.h"

/* Reports on every recipient. In a coroutine. */
void recipient_deliver_all(struct delivery *delivery);

#endif
