/* SPDX-License-Identifier: MIT */
/* Clients whose headers are completed and rewritten like those of local users
 * (local_header_rewrite_clients). Owned by the server. */
#ifndef SMTPD_LOCAL_CLIENTS_H
#define SMTPD_LOCAL_CLIENTS_H

#include "lib/route/network_list.h"

struct local_clients {
	bool inet_interfaces; /* those that connect from the address they
			       * connect to */
	bool mynetworks;
	struct network_list *tables;
};

/* Reads the parameter: permit_inet_interfaces, permit_mynetworks, type:table,
 * check_address_map type:table, and permissions that are never granted yet.
 * Anything else is refused. */
bool local_clients_open(struct local_clients *clients, struct span text,
    struct error *error) MUST_USE;

/* What is known of a client. */
struct local_client {
	const struct address *address;
	const struct address *here; /* our end */
	bool is_in_mynetworks;
};

/* TABLE_FOUND: he is one of them. */
enum table_result local_clients_match(const struct local_clients *clients,
    const struct local_client *client, struct error *error) MUST_USE;

#endif
