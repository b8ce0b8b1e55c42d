/* SPDX-License-Identifier: MIT */
#include "smtp/dns/desk.h"

#include "lib/base/hash.h"
#include "lib/base/list.h"
#include "lib/base/text.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/net/idna.h"

#include "smtp/dns/cache.h"
#include "smtp/dns/hosts.h"
#include "smtp/dns/resolver.h"

enum {
	POOL_MAXIMUM = 4 << 20, /* bytes of responses for one question */
	KEY_SIZE = DNS_NAME_MAXIMUM + 16,
	FAILURE_TTL = 1, /* seconds that a failure answers equal questions */
	BROKEN_TTL = 60  /* seconds that an answer counts as broken */
};

/* A question that is being asked; it lies on its first asker's stack. */
struct inquiry {
	struct list waiters;
};

struct waiter {
	struct list node;
	struct loop_signal signal;
	struct answer *answer; /* held for the waiter */
};

/* What is asked, folded, and the same as a key. */
struct question {
	enum dns_type type;
	struct span name;
	struct span key;
	char text[KEY_SIZE];
};

static struct {
	const struct dns_params *params;
	struct servers servers;
	struct hosts hosts;
	struct cache *cache;
	struct hash *inquiries; /* key -> struct inquiry */
	int64_t running;        /* questions at the servers */
	struct list queue;      /* of waiters for one of them to end */
} desk;

bool
desk_open(const struct dns_params *params, struct error *error)
{
	desk.params = params;
	desk.cache = cache_create((size_t)params->dns_cache_size_limit);
	desk.inquiries = hash_create();
	list_init(&desk.queue);
	hosts_open(&desk.hosts, "/etc/hosts");
	return servers_open(&desk.servers, span_text(params->dns_servers),
	    "/etc/resolv.conf", error);
}

static bool
is_known_type(uint32_t type)
{
	return type == DNS_A || type == DNS_AAAA || type == DNS_MX ||
	    type == DNS_PTR || type == DNS_TXT;
}

/* False when nobody could answer it: another type, or no domain name. U-labels
 * become A-labels here, so that no asker has to know of them. */
static bool
question_read(struct question *question, const struct message_dns_query *query)
{
	char ascii[IDNA_NAME_SIZE];
	struct span name;
	struct buf wire;
	bool is_name;
	int type_len;

	if (!idna_to_ascii(query->name, ascii, NULL))
		return false;
	name = span_text(ascii);
	if (span_ends(name, SPAN(".")))
		name = span_head(name, name.len - 1);
	buf_init(&wire, DNS_NAME_MAXIMUM + 2);
	is_name = name.len > 0 && dns_name_write(&wire, name);
	buf_finish(&wire);
	if (!is_name || !is_known_type(query->type))
		return false;
	type_len =
	    snprintf(question->text, sizeof question->text, "%u ", query->type);
	must((size_t)type_len + name.len < sizeof question->text);
	memcpy(question->text + type_len, name.at, name.len);
	text_fold(question->text + type_len, name.len);
	question->type = (enum dns_type)query->type;
	question->name = span_of(question->text + type_len, name.len);
	question->key = span_of(question->text, (size_t)type_len + name.len);
	return true;
}

static void
wait_in(struct list *list, struct waiter *waiter)
{
	list_add_last(list, &waiter->node);
	while (!loop_signal_wait(&waiter->signal, LOOP_NO_DEADLINE))
		;
	list_remove(&waiter->node);
}

/* Waits for a place at the servers. Who leaves hands the place on, so that
 * nobody overtakes the queue. */
static void
enter(void)
{
	struct waiter waiter = {0};

	if (desk.running < desk.params->dns_concurrency_limit)
		desk.running++;
	else
		wait_in(&desk.queue, &waiter);
}

static void
leave(void)
{
	struct list *next = list_first(&desk.queue);

	if (next == NULL) {
		desk.running--;
		return;
	}
	list_remove(next);
	loop_signal_raise(&list_element(next, struct waiter, node)->signal);
}

static uint32_t
bounded_ttl(const struct message_dns_answer *answer)
{
	int64_t maximum = desk.params->dns_cache_ttl_limit;

	if (answer->result == DNS_TRY_AGAIN)
		return FAILURE_TTL;
	if (answer->result == DNS_REFUSED)
		return BROKEN_TTL;
	if (answer->result != DNS_FOUND)
		maximum = desk.params->dns_negative_cache_ttl_limit;
	return answer->ttl < maximum ? answer->ttl : (uint32_t)maximum;
}

static struct answer *
ask_servers(const struct question *question)
{
	struct pool *pool = pool_create(NULL, "question", POOL_MAXIMUM);
	struct message_dns_answer message;
	struct answer *answer;

	enter();
	servers_refresh(&desk.servers);
	resolver_ask(
	    &desk.servers, pool, question->name, question->type, &message);
	leave();
	if (message.result == DNS_TRY_AGAIN)
		log_info(NULL, "no answer for %.*s: %.*s",
		    SPAN_ARGS(question->name), SPAN_ARGS(message.text));
	message.ttl = bounded_ttl(&message);
	answer = answer_create(&message);
	pool_destroy(pool);
	return answer;
}

static struct answer *
inquire(const struct question *question)
{
	struct inquiry inquiry;
	struct answer *answer;

	list_init(&inquiry.waiters);
	hash_put(desk.inquiries, question->key, &inquiry);
	answer = ask_servers(question);
	hash_remove(desk.inquiries, question->key);
	list_foreach_safe (node, &inquiry.waiters) {
		struct waiter *waiter = list_element(node, struct waiter, node);

		list_remove(node);
		waiter->answer = answer_hold(answer);
		loop_signal_raise(&waiter->signal);
	}
	cache_put(desk.cache, question->key, answer);
	return answer;
}

/* An answer out of hosts(5), or NULL. */
static struct answer *
find_in_hosts(const struct question *question)
{
	struct message_dns_answer message = {
	    .result = DNS_FOUND, .name = question->name};
	struct answer *answer = NULL;
	struct buf list;

	hosts_refresh(&desk.hosts);
	buf_init(&list, FRAME_PAYLOAD_MAXIMUM / 2);
	if (hosts_find(&desk.hosts, question->name, question->type, &list)) {
		message.list = buf_span(&list);
		answer = answer_create(&message);
	}
	buf_finish(&list);
	return answer;
}

/* The caller holds the answer. */
static struct answer *
answer_question(const struct question *question)
{
	struct answer *answer = find_in_hosts(question);
	struct inquiry *inquiry;
	struct waiter waiter = {0};

	if (answer != NULL)
		return answer;
	answer = cache_find(desk.cache, question->key);
	if (answer != NULL)
		return answer_hold(answer);
	inquiry = hash_get(desk.inquiries, question->key);
	if (inquiry == NULL)
		return inquire(question);
	wait_in(&inquiry->waiters, &waiter);
	return waiter.answer;
}

void
desk_serve(struct conversation *conversation, struct frame *first)
{
	struct message_dns_query query;
	struct question question;
	struct answer *answer;

	if (!message_get_dns_query(first->payload, &query)) {
		log_warning(NULL, "malformed question");
		return;
	}
	if (!question_read(&question, &query)) {
		struct message_dns_answer refused = {
		    .result = DNS_REFUSED, .text = SPAN("not a domain name")};

		conversation_send_dns_answer(conversation, &refused);
		return;
	}
	answer = answer_question(&question);
	answer_send(answer, conversation);
	answer_release(answer);
}
