/* SPDX-License-Identifier: MIT */
#include "lib/daemon/dns_client.h"

#include <arpa/nameser.h>

#include "lib/ipc/switchboard.h"
#include "lib/loop/loop.h"

enum {
	DNS_PATIENCE = 20 /* seconds, above the service's own retries */
};

static bool
converse(struct pool *pool, const struct message_dns_query *query,
    struct message_dns_answer *answer)
{
	int64_t deadline = loop_deadline(DNS_PATIENCE);
	struct conversation *conversation =
	    switchboard_converse("dns", deadline, NULL);
	struct frame frame;
	struct span payload;
	bool answered;

	if (conversation == NULL)
		return false;
	conversation_send_dns_query(conversation, query);
	answered = conversation_expect(conversation, MESSAGE_DNS_ANSWER,
		       deadline, &frame, NULL) &&
	    pool_copy_span(pool, frame.payload, &payload) &&
	    message_get_dns_answer(payload, answer);
	conversation_close(conversation);
	return answered;
}

void
dns_ask(
    struct pool *pool, struct span name, uint32_t type, struct dns_reply *reply)
{
	struct message_dns_query query = {.name = name, .type = type};

	reply->answer = (struct message_dns_answer){.result = DNS_TRY_AGAIN};
	if (!converse(pool, &query, &reply->answer))
		reply->answer =
		    (struct message_dns_answer){.result = DNS_TRY_AGAIN};
}

/* RFC 7505: a single MX whose name is the root says "no mail". */
static bool
is_null_mx(const struct message_dns_answer *answer)
{
	struct span rest = answer->list;
	struct message_dns_record record;

	return message_take_dns_record(&rest, &record) && rest.len == 0 &&
	    (record.data.len == 0 || span_equal(record.data, SPAN(".")));
}

enum dns_result
dns_has_mail_host(struct pool *pool, struct span domain)
{
	static const uint32_t types[] = {ns_t_mx, ns_t_a, ns_t_aaaa};
	enum dns_result worst = DNS_NO_NAME;
	struct dns_reply reply;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		dns_ask(pool, domain, types[i], &reply);
		if (reply.answer.result == DNS_FOUND)
			return types[i] == ns_t_mx && is_null_mx(&reply.answer)
			    ? DNS_REFUSED
			    : DNS_FOUND;
		if (reply.answer.result == DNS_TRY_AGAIN)
			worst = DNS_TRY_AGAIN;
	}
	return worst;
}
