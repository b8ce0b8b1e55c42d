/* SPDX-License-Identifier: MIT */
#include "smtp/mx.h"

#include "lib/base/random.h"
#include "lib/daemon/dns_client.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/net/dns_message.h"

#include "smtp/client.h"

enum {
	SMTP_PORT = 25,
	EXCHANGERS_MAXIMUM = 50,
	/* Addresses that are plenty: exchangers of lower preference are not
	 * looked up any more. */
	ADDRESSES_ENOUGH = 20
};

static const struct outcome_place nowhere = {0};

struct exchanger {
	struct span name;
	uint16_t preference;
};

struct search {
	struct pool *pool;
	const struct next_hop *next_hop;
	struct server_list *list;
	/* Of the last question that had no answer. */
	const struct delivery_result *failure;
	bool is_temporary; /* some question may get one later */
	bool is_final;     /* no other next hop may be tried */
};

/* ---- words ---- */

static const struct {
	const char *dsn;
	const char *text;
} dns_words[] = {
    [DNS_NO_NAME] = {"5.4.4", "Host not found"},
    [DNS_NO_DATA] = {"5.4.4",
	"Host found but no data record of requested type"},
    [DNS_TRY_AGAIN] = {"4.4.3", "Host not found, try again"},
    [DNS_REFUSED] = {"5.4.4", "Malformed or unexpected name server reply"},
};

static void
note_failure(struct search *search, struct span name, const char *type,
    enum dns_result result)
{
	search->failure = outcome_failure(search->pool, &nowhere,
	    dns_words[result].dsn,
	    "Host or domain name not found. Name service error for name=%.*s "
	    "type=%s: %s",
	    SPAN_ARGS(name), type, dns_words[result].text);
	if (result == DNS_TRY_AGAIN)
		search->is_temporary = true;
}

/* The code comes from another process. */
static enum dns_result
result_of(const struct dns_reply *reply)
{
	return reply->answer.result <= DNS_REFUSED
	    ? (enum dns_result)reply->answer.result
	    : DNS_TRY_AGAIN;
}

/* ---- addresses ---- */

/* The bytes come from another process. */
static bool
add_address(struct search *search, const char *name, struct span bytes,
    uint16_t preference)
{
	struct server server = {.name = name, .preference = preference};

	if (bytes.len != 4 && bytes.len != 16)
		return false;
	server.address = address_from_bytes(bytes, search->next_hop->port);
	return server_list_add(search->list, search->pool, &server);
}

static void
add_addresses(struct search *search, struct span name, uint16_t preference,
    enum dns_type type)
{
	struct message_dns_record record;
	struct dns_reply reply;
	const char *copy = pool_copy(search->pool, name);

	dns_ask(search->pool, name, type, &reply);
	if (result_of(&reply) != DNS_FOUND || copy == NULL) {
		note_failure(search, name, type == DNS_A ? "A" : "AAAA",
		    copy == NULL ? DNS_TRY_AGAIN : result_of(&reply));
		return;
	}
	while (message_take_dns_record(&reply.answer.list, &record))
		if (!add_address(search, copy, record.data, preference))
			break;
}

static void
add_name(struct search *search, struct span name, uint16_t preference)
{
	size_t before = search->list->count;

	if (client()->uses_ip6)
		add_addresses(search, name, preference, DNS_AAAA);
	if (client()->uses_ip4)
		add_addresses(search, name, preference, DNS_A);
	/* One protocol without addresses is no failure. */
	if (search->list->count > before)
		search->failure = NULL;
}

/* ---- mail exchangers ---- */

static int
compare_exchangers(const void *a, const void *b)
{
	const struct exchanger *left = a;
	const struct exchanger *right = b;

	return (left->preference > right->preference) -
	    (left->preference < right->preference);
}

/* Of more than fit the preferred ones are kept. */
static void
keep_exchanger(
    struct exchanger *exchangers, size_t *count, struct exchanger exchanger)
{
	struct exchanger *worst = exchangers;

	if (*count < EXCHANGERS_MAXIMUM) {
		exchangers[(*count)++] = exchanger;
		return;
	}
	for (size_t i = 1; i < *count; i++)
		if (exchangers[i].preference > worst->preference)
			worst = &exchangers[i];
	if (exchanger.preference < worst->preference)
		*worst = exchanger;
}

/* RFC 7505: the empty name says "no mail" when it stands alone; in company it
 * means nothing. */
static size_t
read_exchangers(struct span list, struct exchanger *exchangers, bool *is_null)
{
	struct message_dns_record record;
	size_t records = 0;
	size_t count = 0;

	while (message_take_dns_record(&list, &record)) {
		records++;
		if (record.data.len > 0)
			keep_exchanger(exchangers, &count,
			    (struct exchanger){
				record.data, (uint16_t)record.preference});
	}
	*is_null = records == 1 && count == 0;
	return count;
}

static void
add_exchangers(struct search *search, struct span records)
{
	struct exchanger exchangers[EXCHANGERS_MAXIMUM];
	bool is_null;
	size_t count = read_exchangers(records, exchangers, &is_null);

	if (is_null) {
		search->is_final = true;
		search->failure = outcome_failure(search->pool, &nowhere,
		    "5.1.10", "Domain %.*s does not accept mail (nullMX)",
		    SPAN_ARGS(search->next_hop->host));
		return;
	}
	qsort(exchangers, count, sizeof *exchangers, compare_exchangers);
	for (size_t i = 0; i < count; i++) {
		if (search->list->count >= ADDRESSES_ENOUGH &&
		    exchangers[i].preference != exchangers[i - 1].preference)
			break;
		add_name(search, exchangers[i].name, exchangers[i].preference);
	}
	if (search->list->count == 0 && !search->is_temporary &&
	    client()->params.defer_if_no_mx_address_found)
		search->failure = outcome_failure(search->pool, &nowhere,
		    "4.4.4", "no mail exchanger of %.*s has an address",
		    SPAN_ARGS(search->next_hop->host));
}

static void
add_domain(struct search *search)
{
	struct span domain = search->next_hop->host;
	struct dns_reply reply;
	enum dns_result result;

	dns_ask(search->pool, domain, DNS_MX, &reply);
	result = result_of(&reply);
	if (result == DNS_FOUND)
		add_exchangers(search, reply.answer.list);
	else if (result == DNS_NO_DATA ||
	    (result != DNS_NO_NAME && client()->params.ignore_mx_lookup_error))
		add_name(search, domain, 0);
	else
		note_failure(search, domain, "MX", result);
}

/* ---- the whole ---- */

static void
add_ip(struct search *search)
{
	struct span text = search->next_hop->host;
	struct server server = {.name = pool_copy(search->pool, text)};

	if (server.name == NULL ||
	    !address_parse_ip(text, search->next_hop->port, &server.address) ||
	    !server_list_add(search->list, search->pool, &server))
		search->failure = &outcome_no_memory;
}

/* A path that is not absolute begins in the queue directory. */
static void
add_socket(struct search *search)
{
	const struct common_params *common = service_common();
	struct span path = search->next_hop->path;
	struct server server = {
	    .name = common->myhostname,
	    .path = pool_copy(search->pool, path),
	};
	const char *whole = span_starts(path, SPAN("/"))
	    ? server.path
	    : pool_printf(search->pool, "%s/%.*s", common->queue_directory,
		  SPAN_ARGS(path));
	struct error error;

	if (server.path == NULL || whole == NULL)
		search->failure = &outcome_no_memory;
	else if (!address_local(span_text(whole), &server.address, &error))
		search->failure = outcome_failure(
		    search->pool, &nowhere, "4.3.5", "%s", error.text);
	else if (!server_list_add(search->list, search->pool, &server))
		search->failure = &outcome_no_memory;
}

static void
add_servers(struct search *search)
{
	const struct next_hop *next_hop = search->next_hop;

	if (next_hop->path.len > 0)
		add_socket(search);
	else if (next_hop->is_ip)
		add_ip(search);
	else if (next_hop->is_exact || client()->params.disable_dns_lookups)
		add_name(search, next_hop->host, 0);
	else
		add_domain(search);
}

static const struct delivery_result *
order_servers(struct search *search)
{
	const struct client_params *params = &client()->params;
	struct server_order order = {
	    .preference = (enum address_preference)params->address_preference,
	    .shuffle = params->randomize_addresses,
	    .random_below = random_below,
	};

	server_list_sort(search->list, &order);
	/* Another port is another server. */
	if (search->next_hop->is_exact || search->next_hop->port != SMTP_PORT ||
	    !server_list_cut_own(search->list, &client()->own))
		return NULL;
	search->is_final = true;
	if (search->list->count > 0)
		return NULL;
	return outcome_failure(search->pool, &nowhere, "5.4.6",
	    "mail for %.*s loops back to myself",
	    SPAN_ARGS(search->next_hop->host));
}

/* Why there is no server. As long as one question is open there may be one. */
static const struct delivery_result *
explain(struct search *search)
{
	struct span host = search->next_hop->host;

	if (search->failure == NULL)
		note_failure(search, host, "A", DNS_NO_DATA);
	if (search->is_temporary &&
	    search->failure->outcome == DELIVERY_BOUNCED)
		note_failure(search, host, "A", DNS_TRY_AGAIN);
	return search->failure;
}

const struct delivery_result *
mx_find(struct pool *pool, const struct next_hop *next_hop,
    struct server_list *list, bool *is_final)
{
	struct search search = {
	    .pool = pool, .next_hop = next_hop, .list = list};
	const struct delivery_result *failure;

	*list = (struct server_list){0};
	add_servers(&search);
	failure = list->count > 0 ? order_servers(&search) : explain(&search);
	*is_final = search.is_final;
	return failure;
}
