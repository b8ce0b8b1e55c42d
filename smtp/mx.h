/* SPDX-License-Identifier: MIT */
/* From a next hop to the addresses of its hosts (RFC 5321 5.1). */
#ifndef SMTP_MX_H
#define SMTP_MX_H

#include "smtp/next_hop.h"
#include "smtp/outcome.h"
#include "smtp/server_list.h"

/* Asks the dns service. NULL with the servers in the order in which to try
 * them, at least one; else why there are none. *is_final tells that no other
 * next hop is to be tried instead, because the domain takes no mail (RFC 7505)
 * or because we are its mail exchanger. */
const struct delivery_result *mx_find(struct pool *pool,
    const struct next_hop *next_hop, struct server_list *list,
    bool *is_final) MUST_USE;

#endif
