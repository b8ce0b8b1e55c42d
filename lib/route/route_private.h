/* SPDX-License-Identifier: MIT */
/* The parts of lib/route that route.h offers, among themselves. */
#ifndef ROUTE_ROUTE_PRIVATE_H
#define ROUTE_ROUTE_PRIVATE_H

#include "lib/route/domain_list.h"
#include "lib/route/own_address.h"
#include "lib/route/route.h"
#include "lib/table/table_list.h"

struct route {
	const struct common_params *common;
	const struct route_params *params;
	struct own_address_list own_addresses;

	struct domain_list *mydestination;
	struct domain_list *virtual_alias_domains;
	struct domain_list *virtual_mailbox_domains;
	struct domain_list *relay_domains;

	struct table_list *local_recipient_maps;
	struct table_list *virtual_alias_maps;
	struct table_list *virtual_mailbox_maps;
	struct table_list *relay_recipient_maps;
	struct table_list *transport_maps;
	struct table_list *sender_dependent_relayhost_maps;
	struct table_list *sender_dependent_default_transport_maps;
	bool transport_parents; /* "example.com" is for all below it */
};

enum {
	ROUTE_VALUE_MAXIMUM = 1024 * 1024 /* bytes that a table may give */
};

/* Whether mail for `domain` is local: TABLE_FOUND, NOT_FOUND, TRY_AGAIN. */
enum table_result route_is_local(
    struct route *route, struct span domain, struct error *error) MUST_USE;

#endif
