/* SPDX-License-Identifier: MIT */
#include "smtp/client.h"

#include "lib/daemon/service.h"
#include "lib/param/port.h"
#include "lib/param/word_list.h"

#include "smtp/postmaster.h"
#include "smtp/tls_cache.h"
#include "smtp/tls_client.h"

static struct client the_client;

const struct client *
client(void)
{
	return &the_client;
}

static bool
read_source(const char *text, sa_family_t family, struct address *source,
    struct error *error)
{
	struct span ip = span_text(text);

	if (ip.len == 0)
		return true;
	if (span_starts(ip, SPAN("[")) && span_ends(ip, SPAN("]")))
		ip = span_of(ip.at + 1, ip.len - 2);
	if (!address_parse_ip(ip, 0, source) || source->any.sa_family != family)
		return error_set(error, ERROR_INVALID,
		    "bind address \"%s\": expected an %s address", text,
		    family == AF_INET ? "IPv4" : "IPv6");
	return true;
}

static void
read_protocols(struct span protocols)
{
	bool all = word_list_has(protocols, SPAN("all"));

	the_client.uses_ip4 = all || word_list_has(protocols, SPAN("ipv4"));
	the_client.uses_ip6 = all || word_list_has(protocols, SPAN("ipv6"));
}

bool
client_open(struct error *error)
{
	const struct common_params *common = service_common();
	const struct client_params *params = &the_client.params;

	the_client.is_lmtp = strcmp(service_program(), "lmtp") == 0;
	if (!notice_class_select(
		POSTMASTER_CLASSES, &the_client.transcript_classes, error) ||
	    !param_load(the_client.is_lmtp ? &lmtp_param_set : &smtp_param_set,
		service_param_source(), &the_client.params, service_pool(),
		error))
		return false;
	read_protocols(span_text(common->inet_protocols));
	own_address_collect(&the_client.own, &host_system,
	    span_text(common->inet_interfaces),
	    span_text(common->proxy_interfaces));
	if (!port_parse(span_text(params->tcp_port), &the_client.port))
		return error_set(error, ERROR_INVALID,
		    "\"%s\": expected a port", params->tcp_port);
	if (params->tls_session_cache_database[0] != '\0')
		tls_cache_open(params->tls_session_cache_timeout);
	return read_source(
		   params->bind_address, AF_INET, &the_client.source4, error) &&
	    read_source(
		params->bind_address6, AF_INET6, &the_client.source6, error) &&
	    tls_client_open(params, service_program(), error);
}
