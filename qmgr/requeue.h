/* SPDX-License-Identifier: MIT */
/* postsuper -r: what is outstanding of a message goes through cleanup again, so
 * that today's rewriting and aliases apply. */
#ifndef QMGR_REQUEUE_H
#define QMGR_REQUEUE_H

#include "qmgr/message.h"

/* Submits the outstanding recipients and the content; when the new message is
 * durable the old one is removed. False, with a line in the log, when nothing
 * has changed. In a coroutine, without the turn. */
bool requeue(struct message *message);

#endif
