/* SPDX-License-Identifier: MIT */
/* What qmgr itself decides about recipients: the transports error, retry and
 * discard, destinations that are left alone for a while, routes that could not
 * be found. Each gets a delivery line in the log and goes through report.h. */
#ifndef QMGR_DECIDE_H
#define QMGR_DECIDE_H

#include "qmgr/report.h"
#include "qmgr/transport.h"

/* Decides about an open recipient, which is in no list. `text` is copied; an
 * enhanced status at its start goes before `dsn`. */
void decide(struct recipient *recipient, enum delivery_outcome outcome,
    const char *dsn, struct span text);
/* The same, and no attempt was made. */
void decide_later(
    struct recipient *recipient, const char *dsn, struct span text);

/* About a recipient with NOTIFY_EXPANDED. */
void decide_expanded(struct recipient *recipient);

/* Decides about all that waits for a destination that is suspended. */
void decide_suspended(struct destination *destination);
/* For a recipient that arrives for one. */
void decide_suspended_recipient(
    struct destination *destination, struct recipient *recipient);
/* Defers all that waits for a transport without agents. */
void decide_unavailable(struct transport *transport);
void decide_unavailable_recipient(
    struct transport *transport, struct recipient *recipient);

/* Nothing is waiting to be recorded. */
bool decide_is_idle(void);

#endif
