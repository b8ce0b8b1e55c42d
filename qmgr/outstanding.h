/* SPDX-License-Identifier: MIT */
/* Notices about recipients that are outstanding on disk when an attempt is
 * over: those that failed for good while others were still under way, all of a
 * message that is too old, and warnings. A slice of recipients at a time shares
 * a notice, so neither memory nor the size of a notice grows with the message.
 *
 * A recipient has failed when it is outstanding and its last reason is one of
 * class 5: it is not tried again, and its notice is due. */
#ifndef QMGR_OUTSTANDING_H
#define QMGR_OUTSTANDING_H

#include "qmgr/message.h"

bool outstanding_has_failed(const struct stored_reason *reason);

/* Tells the sender of those that have failed, or of all, and records that.
 * False: not all of it could be done; what is left has its turn after the next
 * attempt. */
bool outstanding_return(
    struct message *message, bool only_failed, struct error *error) MUST_USE;

/* Warns the sender that others are late. The first slice stands for all: a
 * warning need not be complete. */
bool outstanding_warn(struct message *message, struct error *error) MUST_USE;

#endif
