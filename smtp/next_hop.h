/* SPDX-License-Identifier: MIT */
/* Where mail goes next, as transport_maps and relayhost write it. A value that
 * borrows from the text. */
#ifndef SMTP_NEXT_HOP_H
#define SMTP_NEXT_HOP_H

#include "lib/base/error.h"
#include "lib/base/span.h"

struct next_hop {
	struct span text; /* as written */
	struct span host; /* a name or an IP address; empty for a socket */
	struct span path; /* of a UNIX socket, or empty */
	bool is_exact;    /* [host]: no mail exchangers are looked up */
	bool is_ip;       /* `host` is an address */
	uint16_t port;
};

/* "host", "host:port", "[host]", "[host]:port", where host may be an address in
 * brackets ("[192.0.2.1]", "[IPv6:2001:db8::1]"); with `lmtp` also "unix:path"
 * and "inet:host:port". */
bool next_hop_parse(struct span text, bool lmtp, uint16_t default_port,
    struct next_hop *next_hop, struct error *error) MUST_USE;

#endif
