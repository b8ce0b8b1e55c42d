/* SPDX-License-Identifier: MIT */
/* Where questions of the other daemons come in: hosts(5) and the cache answer
 * first, equal questions are asked once, and only so many at a time. */
#ifndef SMTP_DNS_DESK_H
#define SMTP_DNS_DESK_H

#include "lib/ipc/peer.h"

#include "smtp/dns/params.h"

/* `params` must outlive the process's service. */
bool desk_open(const struct dns_params *params, struct error *error) MUST_USE;

/* Serves one DNS_QUERY. */
void desk_serve(struct conversation *conversation, struct frame *first);

#endif
