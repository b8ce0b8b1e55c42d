/* SPDX-License-Identifier: MIT */
/* What has to be fetched from the disk, and when: messages whose notice was
 * lost or came when the memory was full, and those that are due. One coroutine
 * does it all, as much at a time as there is room for. */
#ifndef QMGR_SCAN_H
#define QMGR_SCAN_H

#include "qmgr/load.h"

/* Opens the queue, waits for the agents, then goes on for ever. */
void scan_open(void);

/* Look through incoming soon: a cleanup's connection broke, for instance. */
void scan_want_incoming(void);
/* Everything deferred is due now. */
void scan_want_all(void);
/* This message soon, or at the next scan if there is no room for its id. */
void scan_want_message(const struct locator *locator, enum load_mode mode);
/* There is room for another id. */
bool scan_has_room(void);

#endif
