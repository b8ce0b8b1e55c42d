/* SPDX-License-Identifier: MIT */
/* Who the peer is: its address, and its name if DNS confirms it. */
#ifndef SMTPD_CLIENT_H
#define SMTPD_CLIENT_H

#include "lib/base/pool.h"
#include "lib/net/address.h"

enum client_name {
	CLIENT_NAME_GOOD,   /* address -> name -> address agree */
	CLIENT_NAME_NONE,   /* the address has no name */
	CLIENT_NAME_FORGED, /* the name has other addresses */
	CLIENT_NAME_TRY_AGAIN
};

struct client {
	struct address address;
	char ip[ADDRESS_TEXT_SIZE];
	const char *name;         /* verified, or "unknown" */
	const char *reverse_name; /* as PTR says, or "unknown" */
	enum client_name state;
};

/* Fills *client; asks the dns service if `lookup`, and waits for it. Names live
 * in `pool`. A mismatch is logged. */
void client_identify(struct client *client, const struct address *peer,
    bool lookup, struct pool *pool);

#endif
