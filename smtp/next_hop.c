/* SPDX-License-Identifier: MIT */
#include "smtp/next_hop.h"

#include "lib/net/address.h"
#include "lib/param/port.h"

static bool
malformed(struct span text, struct error *error)
{
	return error_set(
	    error, ERROR_INVALID, "bad next hop \"%.*s\"", SPAN_ARGS(text));
}

static bool
take_prefix(struct span *text, struct span prefix)
{
	if (!span_starts_fold(*text, prefix))
		return false;
	*text = span_skip(*text, prefix.len);
	return true;
}

/* Splits "[host]" or "host" from what follows, a port or nothing. */
static bool
split(struct span text, struct next_hop *next_hop, struct span *port)
{
	*port = SPAN_EMPTY;
	if (span_starts(text, SPAN("["))) {
		next_hop->is_exact = true;
		if (!span_split(
			span_skip(text, 1), ']', &next_hop->host, &text))
			return false;
		if (text.len == 0)
			return true;
		*port = span_skip(text, 1);
		return text.at[0] == ':' && port->len > 0;
	}
	return !span_split(text, ':', &next_hop->host, port) || port->len > 0;
}

bool
next_hop_parse(struct span text, bool lmtp, uint16_t default_port,
    struct next_hop *next_hop, struct error *error)
{
	struct address address;
	struct span rest = text;
	struct span port;

	*next_hop = (struct next_hop){.text = text, .port = default_port};
	if (lmtp && take_prefix(&rest, SPAN("unix:"))) {
		next_hop->path = rest;
		return rest.len > 0 || malformed(text, error);
	}
	if (lmtp)
		(void)take_prefix(&rest, SPAN("inet:"));
	if (!split(rest, next_hop, &port) ||
	    (port.len > 0 && !port_parse(port, &next_hop->port)))
		return malformed(text, error);
	(void)take_prefix(&next_hop->host, SPAN("IPv6:"));
	next_hop->is_ip =
	    address_parse_ip(next_hop->host, next_hop->port, &address);
	next_hop->is_exact = next_hop->is_exact || next_hop->is_ip || lmtp;
	return next_hop->host.len > 0 || malformed(text, error);
}
