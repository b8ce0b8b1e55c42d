/* SPDX-License-Identifier: MIT */
/* Next hops as transport_maps and relayhost write them, for SMTP and LMTP. */
#include "lib/net/address.h"

#include "smtp/next_hop.h"

enum {
	PORT = 25
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void
check(struct span text, bool lmtp)
{
	struct next_hop next_hop;
	struct address address;

	if (!next_hop_parse(text, lmtp, PORT, &next_hop, NULL))
		return;
	must(span_equal(next_hop.text, text));
	must((next_hop.host.len > 0) != (next_hop.path.len > 0));
	must(next_hop.path.len == 0 || lmtp);
	must(next_hop.port != 0);
	must(
	    !next_hop.is_ip || address_parse_ip(next_hop.host, PORT, &address));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	check(span_of(bytes, count), false);
	check(span_of(bytes, count), true);
	return 0;
}
