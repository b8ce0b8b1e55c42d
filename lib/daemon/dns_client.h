/* SPDX-License-Identifier: MIT */
/* Questions to the dns service, for daemons with that edge. */
#ifndef DAEMON_DNS_CLIENT_H
#define DAEMON_DNS_CLIENT_H

#include "lib/base/pool.h"
#include "lib/ipc/messages.h"

/* The answer; its texts live in the pool given to dns_ask. */
struct dns_reply {
	struct message_dns_answer answer;
};

/* Waits for the answer; a service that does not give one in time is
 * DNS_TRY_AGAIN. `type` is a DNS record type. */
void dns_ask(struct pool *pool, struct span name, uint32_t type,
    struct dns_reply *reply);

/* Whether mail could be sent to the domain: it has an MX record that is no null
 * MX, or an address. */
enum dns_result dns_has_mail_host(struct pool *pool, struct span domain);

#endif
