/* SPDX-License-Identifier: MIT */
/* Turns an address in internal form into user@domain, as every address of an
 * envelope and of the header of local mail is. */
#ifndef ROUTE_ADDRESS_COMPLETE_H
#define ROUTE_ADDRESS_COMPLETE_H

#include "lib/base/buf.h"
#include "lib/param/common.h"

/* Appends the complete form of `address` to *out: site!user and user%domain
 * are turned round when there is no '@' (swap_bangpath, allow_percent_hack),
 * @myorigin is added to a bare user (append_at_myorigin), .mydomain to a domain
 * without dot (append_dot_mydomain), a dot at its end is dropped. The null
 * address stays. False when the buffer is at its maximum. */
bool address_complete(const struct common_params *params, struct span address,
    struct buf *out) MUST_USE;

#endif
