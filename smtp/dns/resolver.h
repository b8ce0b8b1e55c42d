/* SPDX-License-Identifier: MIT */
/* Finds the answer to one question: tries the servers in turn and follows
 * aliases from answer to answer. */
#ifndef SMTP_DNS_RESOLVER_H
#define SMTP_DNS_RESOLVER_H

#include "lib/ipc/messages.h"
#include "lib/net/dns_query.h"

#include "smtp/dns/servers.h"

/* Waits; the texts of *answer live in `pool`. `name` is a domain name. The ttl
 * is what the servers say, 0 when they say nothing. */
void resolver_ask(struct servers *servers, struct pool *pool, struct span name,
    enum dns_type type, struct message_dns_answer *answer);

#endif
