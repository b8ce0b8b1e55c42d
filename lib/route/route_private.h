/* SPDX-License-Identifier: MIT */
/* The parts of lib/route that route.h offers, among themselves. */
#ifndef ROUTE_ROUTE_PRIVATE_H
#define ROUTE_ROUTE_PRIVATE_H

#include "lib/route/domain_list.h"
#include "lib/route/own_address.h"
#include "lib/route/route.h"
#include "lib/table/table_list.h"

/* Tells the trace which parameter a row was found for. */
struct route_hook {
	const struct route *route;
	const char *parameter;
	struct table_observer observer;
};

enum {
	ROUTE_MAPS = 13 /* parameters that are lists of tables */
};

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
	struct table_list *canonical_maps;
	struct table_list *sender_canonical_maps;
	struct table_list *recipient_canonical_maps;
	struct table_list *sender_bcc_maps;
	struct table_list *recipient_bcc_maps;
	struct table_list *relocated_maps;
	struct table_list *transport_maps;
	struct table_list *sender_dependent_relayhost_maps;
	struct table_list *sender_dependent_default_transport_maps;
	struct domain_list *masquerade_exceptions; /* users */
	bool transport_parents; /* "example.com" is for all below it */

	const struct route_trace *trace; /* NULL: nobody asks why */
	struct route_hook hooks[ROUTE_MAPS];
};

enum {
	ROUTE_VALUE_MAXIMUM = 1024 * 1024 /* bytes that a table may give */
};

/* Whether mail for `domain` is local: TABLE_FOUND, NOT_FOUND, TRY_AGAIN. */
enum table_result route_is_local(
    struct route *route, struct span domain, struct error *error) MUST_USE;

/* An address that tables are asked for which rewrite it. */
struct route_find {
	struct table_list *maps;
	struct span address;
	struct span propagation; /* its kind in propagate_unmatched_extensions;
				  * empty: none */
};

/* As address_find with all keys, those without domain for domains of our own.
 * *extension is what goes on with the result; it may be NULL. */
enum table_result route_find(struct route *route, const struct route_find *find,
    struct buf *value, struct span *extension, struct error *error) MUST_USE;

/* Tells the trace, if there is one, what `parameter` has led to. */
static inline void
route_note(const struct route *route, const char *parameter, struct span result)
{
	if (route->trace != NULL)
		route->trace->step(route->trace->owner, parameter, result);
}

#endif
