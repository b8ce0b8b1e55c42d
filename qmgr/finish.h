/* SPDX-License-Identifier: MIT */
/* The end of a message's stay in memory: removed, returned because it is too
 * old, put off to its next attempt, or what the administrator has ordered. */
#ifndef QMGR_FINISH_H
#define QMGR_FINISH_H

#include "qmgr/backoff.h"
#include "qmgr/message.h"

/* The event `settled` of message.h. */
void finish_settled(struct message *message);
/* The limits that the parameters set. */
struct backoff_limits finish_limits(void);
/* Messages that are being finished. */
size_t finish_count(void);

#endif
