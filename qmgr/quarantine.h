/* SPDX-License-Identifier: MIT */
/* What qmgr does about messages that processes died of (suspects.h): sets the
 * guilty aside in corrupt/, unopened, and lets suspects run alone. */
#ifndef QMGR_QUARANTINE_H
#define QMGR_QUARANTINE_H

#include "lib/ipc/frame.h"

#include "qmgr/message.h"

/* Master's SUSPECTS. */
void quarantine_take(struct frame *frame);

/* The queue is open: sets aside all that master has named so far, before
 * anything is read. In a coroutine. */
void quarantine_begin(void);

/* Sets it aside; in nobody's hand but the caller's, who has its claim, or whose
 * order it is. In a coroutine. */
void quarantine_file(const struct locator *locator);
void quarantine_message(struct message *message);

/* A recipient of the message, in no list, goes where its deliveries belong: to
 * `transport`, or to the same one for suspects. */
struct transport *quarantine_transport(
    struct transport *transport, const struct queue_id *id);

#endif
