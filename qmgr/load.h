/* SPDX-License-Identifier: MIT */
/* Brings messages from the disk into memory and gives their recipients to the
 * queue. Everything here runs in coroutines. */
#ifndef QMGR_LOAD_H
#define QMGR_LOAD_H

#include "qmgr/message.h"

enum load_mode {
	LOAD_INCOMING, /* cleanup may still be at it: adopt the file first */
	LOAD_DUE,      /* leave it when its next attempt is not due */
	LOAD_NOW,      /* the administrator wants it */
	LOAD_SITE,     /* the same, and its destinations: flush_site */
	LOAD_REQUEUE   /* not to deliver: message->order is ORDER_REQUEUE */
};

/* Returns when the message is in the queue, or cannot be: it is in memory
 * already, not due, being written, or unreadable (which is logged). */
void load(const struct locator *locator, enum load_mode mode);

/* Returns at once: loads a message in incoming that cleanup may be about to
 * unlock. */
void load_when_written(const struct locator *locator);

/* The event `wants_more` of message.h: reads the next recipients. */
void load_more(struct message *message);

#endif
