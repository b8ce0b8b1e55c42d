/* SPDX-License-Identifier: MIT */
#include "smtpd/client.h"

#include <arpa/nameser.h>
#include <stdio.h>

#include "lib/daemon/dns_client.h"
#include "lib/ipc/messages.h"
#include "lib/log/log.h"
#include "lib/mail/domain.h"

enum {
	REVERSE_NAME_SIZE = 80
};

static const char unknown[] = "unknown";

static void
format_reverse_ip4(const struct address *address, char *name, size_t size)
{
	const unsigned char *at = (const unsigned char *)&address->in4.sin_addr;

	snprintf(
	    name, size, "%u.%u.%u.%u.in-addr.arpa", at[3], at[2], at[1], at[0]);
}

static void
format_reverse_ip6(const struct address *address, char *name, size_t size)
{
	const unsigned char *at = address->in6.sin6_addr.s6_addr;
	size_t len = 0;

	for (int i = 15; i >= 0; i--)
		len += (size_t)snprintf(
		    name + len, size - len, "%x.%x.", at[i] & 15, at[i] >> 4);
	snprintf(name + len, size - len, "ip6.arpa");
}

static bool
has_address(const struct dns_reply *reply, struct span wanted)
{
	struct span rest = reply->answer.list;
	struct message_dns_record record;

	while (message_take_dns_record(&rest, &record))
		if (span_equal(record.data, wanted))
			return true;
	return false;
}

/* The client's name counts only if it leads back to its address. */
static enum client_name
verify_name(struct client *client, struct pool *pool)
{
	bool is_ip4 = client->address.any.sa_family == AF_INET;
	struct dns_reply reply;

	dns_ask(pool, span_text(client->reverse_name),
	    is_ip4 ? ns_t_a : ns_t_aaaa, &reply);
	if (reply.answer.result == DNS_TRY_AGAIN)
		return CLIENT_NAME_TRY_AGAIN;
	if (reply.answer.result == DNS_FOUND &&
	    has_address(&reply, address_bytes(&client->address)))
		return CLIENT_NAME_GOOD;
	return CLIENT_NAME_FORGED;
}

static enum client_name
find_name(struct client *client, struct pool *pool)
{
	char reverse[REVERSE_NAME_SIZE];
	struct message_dns_record record;
	struct dns_reply reply;
	struct span rest;
	const char *name;

	if (client->address.any.sa_family == AF_INET)
		format_reverse_ip4(&client->address, reverse, sizeof reverse);
	else
		format_reverse_ip6(&client->address, reverse, sizeof reverse);
	dns_ask(pool, span_text(reverse), ns_t_ptr, &reply);
	if (reply.answer.result == DNS_TRY_AGAIN)
		return CLIENT_NAME_TRY_AGAIN;
	rest = reply.answer.list;
	if (reply.answer.result != DNS_FOUND ||
	    !message_take_dns_record(&rest, &record) ||
	    !domain_is_hostname(record.data, false, NULL))
		return CLIENT_NAME_NONE;
	name = pool_copy(pool, record.data);
	if (name == NULL)
		return CLIENT_NAME_TRY_AGAIN;
	client->reverse_name = name;
	return verify_name(client, pool);
}

void
client_identify(struct client *client, const struct address *peer, bool lookup,
    struct pool *pool)
{
	*client = (struct client){
	    .address = *peer,
	    .name = unknown,
	    .reverse_name = unknown,
	    .state = CLIENT_NAME_NONE,
	};
	address_format_ip(peer, client->ip);
	if (!lookup || !address_is_ip(peer))
		return;
	client->state = find_name(client, pool);
	if (client->state == CLIENT_NAME_GOOD)
		client->name = client->reverse_name;
	else if (client->state == CLIENT_NAME_FORGED)
		log_event(NULL, LOG_NAME_MISMATCH,
		    log_text("client", span_text(client->reverse_name)),
		    log_text("address", span_text(client->ip)));
}
