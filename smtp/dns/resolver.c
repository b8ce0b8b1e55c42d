/* SPDX-License-Identifier: MIT */
#include "smtp/dns/resolver.h"

#include "lib/loop/loop.h"
#include "lib/net/dns_answer.h"

enum {
	PATIENCE = 18,        /* seconds for all, below that of dns_client.c */
	LIST_MAXIMUM = 60000, /* bytes, so that an answer fits a frame */
	MILLISECONDS = 1000   /* in a second */
};

struct search {
	struct servers *servers;
	struct pool *pool;
	struct dns_question question;
	struct dns_response response;
	struct dns_answer found;
	unsigned aliases; /* followed so far */
	int64_t deadline;
	struct message_dns_answer *answer;
	struct error error;
};

static int64_t
try_deadline(const struct search *search)
{
	int64_t deadline = loop_now() + search->servers->timeout * MILLISECONDS;

	return deadline < search->deadline ? deadline : search->deadline;
}

static enum dns_exchange
exchange(struct search *search, const struct address *server)
{
	return dns_query(server, &search->question, try_deadline(search),
	    search->pool, &search->response, &search->error);
}

/* True when the server knows. One that does not know EDNS0 is asked again
 * without. */
static bool
ask_server(struct search *search, const struct address *server)
{
	struct dns_response *response = &search->response;
	enum dns_exchange result;

	search->question.plain = false;
	result = exchange(search, server);
	if (result == DNS_ANSWERED &&
	    (response->code == DNS_FORMERR || response->code == DNS_NOTIMP)) {
		search->question.plain = true;
		result = exchange(search, server);
	}
	if (result != DNS_ANSWERED)
		return false;
	if (response->code == DNS_NOERROR || response->code == DNS_NXDOMAIN)
		return true;
	return error_set(&search->error, ERROR_TEMPORARY,
	    "the name server failed with code %u", response->code);
}

/* Begins with the server that answered last, so that a dead one costs its
 * time-out only once. */
static bool
ask_servers(struct search *search)
{
	struct servers *servers = search->servers;

	for (size_t i = 0; i < servers->attempts * servers->count; i++) {
		size_t next = (servers->preferred + i) % servers->count;
		/* The list may be another one after the wait. */
		struct address server = servers->addresses[next];

		if (ask_server(search, &server)) {
			if (next < servers->count)
				servers->preferred = next;
			return true;
		}
		if (loop_now() >= search->deadline)
			break;
	}
	return false;
}

static void
conclude(struct search *search, enum dns_result result, const char *text)
{
	search->answer->result = result;
	search->answer->text = span_text(text);
}

static void
put_records(struct search *search)
{
	const struct dns_record *record = search->found.first;
	struct buf list;

	buf_init(&list, LIST_MAXIMUM);
	while (record != NULL) {
		struct message_dns_record out = {
		    .type = record->type,
		    .ttl = record->ttl,
		    .preference = record->preference,
		    .data = record->data,
		};

		message_put_dns_record(&list, &out);
		record = dns_answer_next(&search->found, record);
	}
	if (list.overflowed ||
	    !pool_copy_span(
		search->pool, buf_span(&list), &search->answer->list))
		conclude(search, DNS_REFUSED, "the answer is too large");
	else
		conclude(search, DNS_FOUND, "");
	buf_finish(&list);
}

static void
take_ttl(struct search *search, uint32_t ttl)
{
	if (ttl < search->answer->ttl)
		search->answer->ttl = ttl;
}

static void
conclude_absence(struct search *search)
{
	const struct dns_response *response = &search->response;

	take_ttl(
	    search, response->has_negative_ttl ? response->negative_ttl : 0);
	conclude(search,
	    response->code == DNS_NXDOMAIN ? DNS_NO_NAME : DNS_NO_DATA, "");
}

/* One response; true when it ends the search, false when search->question has
 * become the next one. */
static bool
ask_once(struct search *search)
{
	struct dns_answer *found = &search->found;
	struct message_dns_answer *answer = search->answer;

	if (!ask_servers(search)) {
		answer->ttl = 0;
		conclude(search, DNS_TRY_AGAIN, search->error.text);
		return true;
	}
	if (!dns_answer_find(&search->response, search->question.name,
		search->question.type, found, &search->error) ||
	    (search->aliases += found->aliases) > DNS_ALIAS_MAXIMUM) {
		conclude(search, DNS_REFUSED, "too many aliases");
		return true;
	}
	answer->name = found->name;
	answer->authentic = answer->authentic && search->response.authenticated;
	take_ttl(search, found->ttl);
	if (found->first != NULL) {
		put_records(search);
		return true;
	}
	if (search->response.code == DNS_NXDOMAIN ||
	    search->response.has_negative_ttl || found->aliases == 0) {
		conclude_absence(search);
		return true;
	}
	search->question.name = found->name;
	return false;
}

void
resolver_ask(struct servers *servers, struct pool *pool, struct span name,
    enum dns_type type, struct message_dns_answer *answer)
{
	struct search search = {
	    .servers = servers,
	    .pool = pool,
	    .question = {.name = name,
		.type = type,
		.wants_authenticated = true},
	    .deadline = loop_deadline(PATIENCE),
	    .answer = answer,
	};

	*answer = (struct message_dns_answer){
	    .name = name, .ttl = INT32_MAX, .authentic = true};
	while (!ask_once(&search))
		;
	/* The search is on this stack, its words are not to be. */
	if (!pool_copy_span(pool, answer->text, &answer->text))
		answer->text = SPAN_EMPTY;
}
