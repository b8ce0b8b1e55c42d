/* SPDX-License-Identifier: MIT */
/* Sends a message on to other addresses: as a new message, through cleanup. */
#ifndef LOCAL_FORWARD_H
#define LOCAL_FORWARD_H

#include "lib/daemon/delivery.h"

struct forward {
	struct span sender;
	const struct span *addresses; /* internal form */
	size_t count;
	struct span delivered_to; /* address for the header */
	bool is_list; /* has an owner: what the sender wished ends here */
};

/* Fills *result but for its relay; texts live in the delivery's pool. The new
 * message is durable when the outcome is not a deferral. In a coroutine. */
void forward_message(const struct delivery *delivery,
    const struct delivery_recipient *recipient, const struct forward *forward,
    struct delivery_result *result);

#endif
