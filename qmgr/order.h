/* SPDX-License-Identifier: MIT */
/* Orders about a message in memory: from now on nothing more of it is begun. */
#ifndef QMGR_ORDER_H
#define QMGR_ORDER_H

#include "qmgr/message.h"

/* Its recipients that wait are closed; what is under way ends first. The
 * message may be gone on return unless the caller uses it. */
void order_give(struct message *message, enum message_order order);

#endif
