/* SPDX-License-Identifier: MIT */
/* The notices that were made durable lately. When qmgr dies before it has
 * written that, the next one learns of them and sends no second ones. Bounded:
 * the oldest are forgotten, long after qmgr has written them. */
#ifndef BOUNCE_TOLD_H
#define BOUNCE_TOLD_H

#include "qmgr/bounce/request.h"

enum {
	TOLD_MAXIMUM = 4096 /* recipients */
};

void told_note(const struct request *request);
void told_send(struct peer *qmgr);

#endif
