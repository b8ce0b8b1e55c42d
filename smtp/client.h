/* SPDX-License-Identifier: MIT */
/* What is the same for all deliveries of the process: parameters, the protocol
 * it speaks, the addresses that are our own. */
#ifndef SMTP_CLIENT_H
#define SMTP_CLIENT_H

#include "lib/route/own_address.h"

#include "smtp/params.h"

struct client {
	struct client_params params;
	bool is_lmtp;
	uint16_t port; /* of next hops that name none */
	bool uses_ip4;
	bool uses_ip6;
	struct address source4; /* without length: any */
	struct address source6;
	struct own_address_list own;
	unsigned transcript_classes; /* of those in notify_classes */
};

/* Reads the parameters of the program that master started. */
bool client_open(struct error *error) MUST_USE;

const struct client *client(void);

#endif
