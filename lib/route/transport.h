/* SPDX-License-Identifier: MIT */
/* "transport:nexthop", as local_transport and transport_maps write it. Values
 * that borrow. */
#ifndef ROUTE_TRANSPORT_H
#define ROUTE_TRANSPORT_H

#include "lib/param/common.h"
#include "lib/table/table_list.h"

struct transport {
	struct span name;
	struct span next_hop;
};

/* Splits at the first colon; either part may be empty. */
struct transport transport_parse(struct span text);

struct transport_request {
	const struct common_params *params;
	struct span recipient; /* internal form, complete */
	bool parents_match;    /* "example.com" is for all below it */
};

/* What `maps` say about the recipient, asked for user+extension@domain,
 * user@domain, domain, its parents, and "*": replaces in *transport what is
 * given. A transport without next hop goes to the recipient's domain. The
 * value that *transport then borrows from is kept in *value. */
enum table_result transport_look_up(struct table_list *maps,
    const struct transport_request *request, struct transport *transport,
    struct buf *value, struct error *error) MUST_USE;

#endif
