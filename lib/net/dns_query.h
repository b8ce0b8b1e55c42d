/* SPDX-License-Identifier: MIT */
/* Asks one name server one question (RFC 1035 section 4.2): over UDP, and again
 * over TCP when the response was cut. Trying again, choosing among servers and
 * caching are the caller's. */
#ifndef NET_DNS_QUERY_H
#define NET_DNS_QUERY_H

#include "lib/net/address.h"
#include "lib/net/dns_message.h"

enum dns_exchange {
	DNS_ANSWERED, /* *response is set, whatever its code */
	DNS_TIMED_OUT,
	DNS_FAILED /* no or no usable response: *error says why */
};

/* Waits (coroutine or poll) until `deadline`. The response lies in `pool`. The
 * query has a random id and comes from a socket of its own, so from a port that
 * the kernel draws; responses that do not fit it are ignored. */
enum dns_exchange dns_query(const struct address *server,
    const struct dns_question *question, int64_t deadline, struct pool *pool,
    struct dns_response *response, struct error *error) MUST_USE;

#endif
