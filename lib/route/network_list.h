/* SPDX-License-Identifier: MIT */
/* A list of IP networks that clients are matched against (mynetworks). Owned by
 * its opener. */
#ifndef ROUTE_NETWORK_LIST_H
#define ROUTE_NETWORK_LIST_H

#include "lib/net/network.h"
#include "lib/route/match_list.h"

struct network_list;

/* `text` is a match list (match_list.h) of addresses and networks such as
 * 192.0.2.0/24 and [2001:db8::]/32; other words are refused. A table is asked
 * for the address. NULL: failure. */
struct network_list *network_list_open(struct span text,
    const struct table_options *options, struct error *error) MUST_USE;
/* NULL is allowed. */
void network_list_close(struct network_list *list);

/* TABLE_FOUND: it is in the list. The first item that matches decides. What is
 * no IP address (a UNIX socket) is in none. */
enum table_result network_list_match(const struct network_list *list,
    const struct address *address, struct error *error) MUST_USE;

bool network_list_has_changed(
    const struct network_list *list, const char **name);

#endif
