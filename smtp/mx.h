/* SPDX-License-Identifier: MIT */
/* From a next hop to the addresses of its hosts (RFC 5321 5.1). */
#ifndef SMTP_MX_H
#define SMTP_MX_H

#include "smtp/next_hop.h"
#include "smtp/outcome.h"
#include "smtp/server_list.h"

/* Asks the dns service. NULL with the hosts in the order in which to try them,
 * at least one; else why there are none. */
const struct delivery_result *mx_find(struct pool *pool,
    const struct next_hop *next_hop, struct server_list *list) MUST_USE;

#endif
