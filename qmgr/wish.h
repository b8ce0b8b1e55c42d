/* SPDX-License-Identifier: MIT */
/* What is decided about a message without being done yet: an entry in its
 * journal that whoever has the queue next has to see, after a power cut, too.
 */
#ifndef QMGR_WISH_H
#define QMGR_WISH_H

#include "qmgr/message.h"

/* Durable when this returns true. The caller has the message's turn. */
bool wish_record(struct message *message, const struct journal_entry *entry,
    struct error *error) MUST_USE;

#endif
