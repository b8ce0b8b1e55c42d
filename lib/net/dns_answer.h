/* SPDX-License-Identifier: MIT */
/* What a DNS response says about one question: follows aliases within it.
 * Borrows from the response. */
#ifndef NET_DNS_ANSWER_H
#define NET_DNS_ANSWER_H

#include "lib/net/dns_message.h"

enum {
	DNS_ALIAS_MAXIMUM = 16
};

struct dns_answer {
	struct span name; /* where the aliases ended; the one to ask for next
			   * when `first` is NULL but `aliases` is not 0 */
	enum dns_type type;
	unsigned aliases;
	uint32_t ttl; /* the smallest of all records and aliases used */
	const struct dns_record *first; /* NULL: no record of the type */
};

/* False (ERROR_INVALID) when there are more than DNS_ALIAS_MAXIMUM aliases, as
 * in a loop. */
bool dns_answer_find(const struct dns_response *response, struct span name,
    enum dns_type type, struct dns_answer *answer,
    struct error *error) MUST_USE;

/* The record of the answer after `record`, or NULL. */
const struct dns_record *dns_answer_next(
    const struct dns_answer *answer, const struct dns_record *record);

#endif
