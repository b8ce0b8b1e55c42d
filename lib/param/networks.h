/* SPDX-License-Identifier: MIT */
/* The default of mynetworks: what the addresses of this machine make it. */
#ifndef PARAM_NETWORKS_H
#define PARAM_NETWORKS_H

#include "lib/base/buf.h"
#include "lib/param/host.h"

struct networks_request {
	struct span style;      /* class, subnet; anything else is host */
	struct span interfaces; /* inet_interfaces, expanded */
	struct span protocols;  /* inet_protocols, expanded */
};

/* Appends "127.0.0.0/8 [::1]/128 ...". Only addresses that inet_interfaces
 * names count: all, loopback-only, literal addresses and "localhost"; other
 * host names are not resolved here, which leaves their networks out. */
void networks_append(const struct host *host,
    const struct networks_request *request, struct buf *out);

#endif
