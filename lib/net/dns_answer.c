/* SPDX-License-Identifier: MIT */
#include "lib/net/dns_answer.h"

/* The first record of `name` and `type` from `record` on, or NULL. */
static const struct dns_record *
find_record(
    const struct dns_record *record, struct span name, enum dns_type type)
{
	while (record != NULL &&
	    (record->type != type || !span_equal_fold(record->name, name)))
		record = record->next;
	return record;
}

static void
lower_ttl(struct dns_answer *answer, uint32_t ttl)
{
	if (ttl < answer->ttl)
		answer->ttl = ttl;
}

bool
dns_answer_find(const struct dns_response *response, struct span name,
    enum dns_type type, struct dns_answer *answer, struct error *error)
{
	const struct dns_record *record;

	if (span_ends(name, SPAN(".")))
		name = span_head(name, name.len - 1);
	*answer =
	    (struct dns_answer){.name = name, .type = type, .ttl = INT32_MAX};
	for (;;) {
		answer->first =
		    find_record(response->records, answer->name, type);
		record =
		    find_record(response->records, answer->name, DNS_CNAME);
		if (answer->first != NULL || record == NULL)
			break;
		if (++answer->aliases > DNS_ALIAS_MAXIMUM)
			return error_set(error, ERROR_INVALID,
			    "too many aliases for %.*s", SPAN_ARGS(name));
		lower_ttl(answer, record->ttl);
		answer->name = record->data;
	}
	for (record = answer->first; record != NULL;
	     record = dns_answer_next(answer, record))
		lower_ttl(answer, record->ttl);
	return true;
}

const struct dns_record *
dns_answer_next(
    const struct dns_answer *answer, const struct dns_record *record)
{
	return find_record(record->next, answer->name, answer->type);
}
