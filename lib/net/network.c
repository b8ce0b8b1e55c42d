/* SPDX-License-Identifier: MIT */
#include "lib/net/network.h"

#include "lib/base/number.h"

/* Whether all bits of `bytes` behind the first `bits` are 0. */
static bool
rest_is_zero(struct span bytes, unsigned bits)
{
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned kept = bits >= 8 ? 8 : bits;

		if (((uint8_t)bytes.at[i] & (0xffU >> kept)) != 0)
			return false;
		bits -= kept;
	}
	return true;
}

/* Splits "[ADDRESS]/BITS", "[ADDRESS/BITS]" or either without brackets; `bits`
 * is empty when there are none. */
static bool
split_network(struct span text, struct span *ip, struct span *bits)
{
	bool bracket = text.len > 0 && text.at[0] == '[';
	bool slash;

	if (bracket && span_ends(text, SPAN("]"))) {
		text = span_skip(span_head(text, text.len - 1), 1);
		bracket = false;
	}
	slash = span_split(text, '/', ip, bits);
	if (bracket && !span_ends(*ip, SPAN("]")))
		return false;
	if (bracket)
		*ip = span_skip(span_head(*ip, ip->len - 1), 1);
	return !slash || bits->len > 0;
}

bool
network_parse(struct span text, struct network *network, struct error *error)
{
	struct address address;
	struct span ip;
	struct span bits_text;
	struct span bytes;
	uint64_t bits;
	bool mapped;

	if (!split_network(text, &ip, &bits_text) ||
	    !address_parse_ip(ip, 0, &address))
		return error_set(error, ERROR_INVALID, "bad network \"%.*s\"",
		    SPAN_ARGS(text));
	bytes = address_bytes(&address);
	/* ::ffff:192.0.2.0/120 is 192.0.2.0/24. */
	mapped = bytes.len == 4 && span_find(ip, ':') < ip.len;
	if (bits_text.len == 0)
		bits = bytes.len * 8;
	else if (!number_parse(
		     bits_text, mapped ? 128 : bytes.len * 8, &bits) ||
	    (mapped && bits < 96))
		return error_set(error, ERROR_INVALID,
		    "bad prefix length in network \"%.*s\"", SPAN_ARGS(text));
	else if (mapped)
		bits -= 96;
	if (!rest_is_zero(bytes, (unsigned)bits))
		return error_set(error, ERROR_INVALID,
		    "non-null host address bits in \"%.*s\"", SPAN_ARGS(text));
	*network = (struct network){
	    .bits = (uint8_t)bits, .family = address.any.sa_family};
	memcpy(network->bytes, bytes.at, bytes.len);
	return true;
}

bool
network_has(const struct network *network, const struct address *address)
{
	struct span bytes = address_bytes(address);
	unsigned bits = network->bits;

	if (bytes.len == 0 || address->any.sa_family != network->family)
		return false;
	for (size_t i = 0; bits > 0; i++) {
		unsigned compared = bits >= 8 ? 8 : bits;
		unsigned mask = 0xff00U >> compared & 0xffU;

		if ((((uint8_t)bytes.at[i] ^ network->bytes[i]) & mask) != 0)
			return false;
		bits -= compared;
	}
	return true;
}
