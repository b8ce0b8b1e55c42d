/* SPDX-License-Identifier: MIT */
/* Asks tables for an address in the order that admins of mail systems know:
 * user+extension@domain, user@domain, user+extension, user, @domain; a domain
 * with U-labels or A-labels also in its other form. Tables of patterns are
 * asked for the whole address only. */
#ifndef ROUTE_ADDRESS_FIND_H
#define ROUTE_ADDRESS_FIND_H

#include "lib/param/common.h"
#include "lib/table/table_list.h"

struct address_find_request {
	const struct common_params *params; /* recipient_delimiter */
	struct span address;                /* internal form, with a domain */
	bool with_user;   /* the keys without domain are asked for, too */
	bool with_domain; /* so is @domain */
};

/* See table_list_get. *extension, if not NULL, is the part of the address, with
 * its delimiter, that the key which was found does not have. */
enum table_result address_find(struct table_list *tables,
    const struct address_find_request *request, struct buf *value,
    struct span *extension, struct error *error) MUST_USE;

/* As mail_address_split_extension with the configured delimiters; owner-list
 * and list-request stay whole (owner_request_special). */
bool address_find_extension(const struct common_params *params,
    struct span local, struct span *user, struct span *extension);

#endif
