/* SPDX-License-Identifier: MIT */
/* Local delivery of one message. */
#ifndef LOCAL_RECIPIENT_H
#define LOCAL_RECIPIENT_H

#include "lib/daemon/delivery.h"

/* Aliases are sent on, users get it in their mailbox; reports on every
 * recipient. In a coroutine. */
void recipient_deliver_all(struct delivery *delivery);

#endif
