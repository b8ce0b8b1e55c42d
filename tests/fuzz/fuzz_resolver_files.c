/* SPDX-License-Identifier: MIT */
/* hosts(5), resolv.conf(5) and dns_servers as the dns service reads them. */
#include "lib/ipc/messages.h"

#include "smtp/dns/hosts.h"
#include "smtp/dns/servers.h"

enum {
	LIST_MAXIMUM = 1 << 20
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check_hosts(const struct hosts *hosts, enum dns_type type, size_t want)
{
	struct message_dns_record record;
	struct span rest;
	struct buf list;

	buf_init(&list, LIST_MAXIMUM);
	if (hosts_find(hosts, SPAN("a"), type, &list)) {
		rest = buf_span(&list);
		while (message_take_dns_record(&rest, &record))
			must(record.type == type && record.data.len == want);
		must(rest.len == 0);
	}
	buf_finish(&list);
}

static void
check_servers(const struct servers *servers)
{
	must(servers->count > 0 && servers->count <= SERVERS_MAXIMUM);
	must(servers->timeout > 0 && servers->attempts > 0);
	for (size_t i = 0; i < servers->count; i++)
		must(address_is_ip(&servers->addresses[i]) &&
		    address_port(&servers->addresses[i]) != 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span text = span_of(bytes, count);
	struct servers servers = {0};
	struct hosts hosts;

	hosts_open(&hosts, "/nonexistent");
	hosts_parse(&hosts, text);
	check_hosts(&hosts, DNS_A, 4);
	check_hosts(&hosts, DNS_AAAA, 16);
	hosts_close(&hosts);
	servers_parse(&servers, text);
	check_servers(&servers);
	if (servers_open(&servers, text, "/nonexistent", NULL))
		check_servers(&servers);
	return 0;
}
