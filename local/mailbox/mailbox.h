/* SPDX-License-Identifier: MIT */
/* Delivers to a mailbox through launcher. */
#ifndef LOCAL_MAILBOX_MAILBOX_H
#define LOCAL_MAILBOX_MAILBOX_H

#include "lib/daemon/delivery.h"

struct mailbox {
	struct span user; /* empty: uid and gid count */
	uint32_t uid;
	uint32_t gid;
	struct span path;         /* see LAUNCH; a maildir if it ends in '/' */
	uint64_t limit;           /* bytes; 0: none */
	struct span delivered_to; /* address for the header */
};

/* Writes the message with its headers for `recipient`. Fills *result but for
 * its relay; texts live in the delivery's pool. In a coroutine. */
void mailbox_deliver(const struct delivery *delivery,
    const struct delivery_recipient *recipient, const struct mailbox *mailbox,
    struct delivery_result *result);

#endif
