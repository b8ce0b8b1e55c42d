/* SPDX-License-Identifier: MIT */
/* The IP addresses that mean this machine when they stand in a mail address,
 * user@[192.0.2.1]: those of inet_interfaces and of proxy_interfaces. */
#ifndef ROUTE_OWN_ADDRESS_H
#define ROUTE_OWN_ADDRESS_H

#include "lib/net/address.h"
#include "lib/param/host.h"

enum {
	OWN_ADDRESS_MAXIMUM = 64 /* more are left out */
};

/* A value. */
struct own_address_list {
	struct address addresses[OWN_ADDRESS_MAXIMUM];
	size_t count;
};

/* `interfaces` and `proxies` are the parameters' values: addresses, or "all",
 * "loopback-only" and "localhost", which stand for addresses of `host`. Other
 * host names are passed over: nothing is resolved here. */
void own_address_collect(struct own_address_list *list, const struct host *host,
    struct span interfaces, struct span proxies);

/* 0.0.0.0 and :: are this machine, whatever the list: connecting to one of them
 * does so. */
bool own_address_has(
    const struct own_address_list *list, const struct address *address);

#endif
