/* SPDX-License-Identifier: MIT */
/* Responses of name servers: reads them, follows their aliases, and asks again
 * for every name that they hold. */
#include "lib/net/dns_answer.h"
#include "lib/net/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
write_name(struct span name)
{
	struct dns_question question = {.name = name, .type = DNS_A};
	struct dns_name read;
	size_t position = 12;
	struct buf query;

	if (name.len == 0)
		return;
	buf_init(&query, 512);
	must(dns_message_write(&query, 1, &question, NULL));
	must(dns_name_read(buf_span(&query), &position, &read));
	must(span_equal(span_of(read.text, read.len), name));
	buf_finish(&query);
}

static void
check_record(const struct dns_record *record)
{
	must(record->name.len <= DNS_NAME_MAXIMUM);
	must(record->ttl <= INT32_MAX);
	must(record->type != DNS_A || record->data.len == 4);
	must(record->type != DNS_AAAA || record->data.len == 16);
	write_name(record->name);
	if (record->type == DNS_MX || record->type == DNS_CNAME ||
	    record->type == DNS_PTR)
		write_name(record->data);
}

static void
follow_aliases(const struct dns_response *response)
{
	struct dns_answer answer;
	const struct dns_record *record;

	if (!dns_answer_find(
		response, response->question_name, DNS_A, &answer, NULL))
		return;
	for (record = answer.first; record != NULL;
	     record = dns_answer_next(&answer, record))
		must(record->type == DNS_A && record->ttl >= answer.ttl);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct pool *pool = pool_create(NULL, "fuzz", 1024 * 1024);
	struct dns_response response;

	if (dns_message_read(span_of(bytes, count), pool, &response, NULL)) {
		const struct dns_record *record = response.records;

		for (; record != NULL; record = record->next)
			check_record(record);
		follow_aliases(&response);
	}
	pool_destroy(pool);
	return 0;
}
