/* SPDX-License-Identifier: MIT */
/* What a table that rewrites addresses says, as addresses. */
#ifndef ROUTE_ADDRESS_MAP_H
#define ROUTE_ADDRESS_MAP_H

#include "lib/mail/address_list.h"
#include "lib/param/common.h"

enum {
	ADDRESS_MAP_MEMBERS = 1000000, /* addresses of one value */
	ADDRESS_MAP_MAXIMUM = 4096     /* bytes of an address */
};

/* The next element of the value that `list` walks through: an address, or
 * "@there", which is no address elsewhere. FOUND, END, or what is wrong. */
enum address_list_result address_map_next(struct address_list *list,
    struct pool *pool, struct span *member, struct error *error) MUST_USE;

/* An address that was asked for. */
struct address_map_source {
	const struct common_params *params;
	struct span address;
	struct span extension; /* goes on with the result; may be empty */
};

/* Appends the complete address that `member` stands for: "@there" means the
 * same user there. False: too long. */
bool address_map_write(const struct address_map_source *source,
    struct span member, struct buf *out) MUST_USE;

#endif
