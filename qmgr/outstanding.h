/* SPDX-License-Identifier: MIT */
/* Notices about recipients that are outstanding on disk when an attempt is
 * over: those that failed for good while others were still under way, those
 * that were delivered while nobody could tell the sender, all of a message that
 * is too old, and warnings. A slice of recipients at a time shares a notice of
 * a kind, so neither memory nor the size of a notice grows with the message.
 *
 * A recipient has failed when it is outstanding and its last reason is one of
 * class 5, and was delivered when that says so (journal.h): it is not tried
 * again, and its notice is due. */
#ifndef QMGR_OUTSTANDING_H
#define QMGR_OUTSTANDING_H

#include "qmgr/message.h"

bool outstanding_is_due(const struct stored_reason *reason);

enum outstanding_part {
	OUTSTANDING_DELIVERED, /* whose notice of success is due */
	OUTSTANDING_DUE,       /* these, and those that have failed */
	OUTSTANDING_ALL        /* what is neither fails now */
};

/* Tells the sender of a part of them, and records that. False: not all of it
 * could be done; what is left has its turn after the next attempt. */
bool outstanding_return(struct message *message, enum outstanding_part part,
    struct error *error) MUST_USE;

/* Warns the sender that others are late. The first slice stands for all: a
 * warning need not be complete. */
bool outstanding_warn(struct message *message, struct error *error) MUST_USE;

#endif
