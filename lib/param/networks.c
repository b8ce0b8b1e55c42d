/* SPDX-License-Identifier: MIT */
#include "lib/param/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "lib/param/word_list.h"

#define ADDRESSES_MAXIMUM 64 /* more than these are left out */

static unsigned
address_bits(const struct host_address *address)
{
	return address->family == AF_INET ? 32 : 128;
}

/* Of the old classes A, B, C; IPv6 has none and counts as subnet. */
static unsigned
class_prefix(const struct host_address *address)
{
	if (address->family != AF_INET)
		return address->prefix;
	if (address->address[0] < 128)
		return 8;
	if (address->address[0] < 192)
		return 16;
	return address->address[0] < 224 ? 24 : 32;
}

static unsigned
style_prefix(const struct host_address *address, struct span style)
{
	if (span_equal_fold(style, SPAN("subnet")))
		return address->prefix;
	if (span_equal_fold(style, SPAN("class")))
		return class_prefix(address);
	return address_bits(address);
}

static bool
is_protocol_used(const struct host_address *address, struct span protocols)
{
	struct span name =
	    address->family == AF_INET ? SPAN("ipv4") : SPAN("ipv6");

	return word_list_has(protocols, SPAN("all")) ||
	    word_list_has(protocols, name);
}

/* "192.0.2.1", "2001:db8::1" or the latter in brackets. */
static bool
is_address(const struct host_address *address, struct span word)
{
	unsigned char bytes[16];
	char text[INET6_ADDRSTRLEN];

	if (word.len > 2 && word.at[0] == '[' && word.at[word.len - 1] == ']')
		word = span_of(word.at + 1, word.len - 2);
	if (word.len >= sizeof text)
		return false;
	memcpy(text, word.at, word.len);
	text[word.len] = '\0';
	return inet_pton(address->family, text, bytes) == 1 &&
	    memcmp(bytes, address->address, address_bits(address) / 8) == 0;
}

static bool
is_interface_used(const struct host_address *address, struct span interfaces)
{
	struct span word;

	while (word_list_next(&interfaces, &word))
		if (span_equal_fold(word, SPAN("all")) ||
		    (address->is_loopback &&
			(span_equal_fold(word, SPAN("loopback-only")) ||
			    span_equal_fold(word, SPAN("localhost")))) ||
		    is_address(address, word))
			return true;
	return false;
}

/* Clears the bits behind the prefix. */
static void
mask_address(struct host_address *address, unsigned prefix)
{
	for (unsigned bit = prefix; bit < address_bits(address); bit++)
		address->address[bit / 8] &=
		    (unsigned char)~(0x80u >> (bit % 8));
}

static bool
format_network(const struct host_address *address, unsigned prefix, char *text,
    size_t size)
{
	char digits[INET6_ADDRSTRLEN];

	if (inet_ntop(address->family, address->address, digits,
		sizeof digits) == NULL)
		return false;
	snprintf(text, size, address->family == AF_INET ? "%s/%u" : "[%s]/%u",
	    digits, prefix);
	return true;
}

void
networks_append(const struct host *host, const struct networks_request *request,
    struct buf *out)
{
	struct host_address addresses[ADDRESSES_MAXIMUM];
	size_t count = host->addresses(addresses, COUNT_OF(addresses));

	for (size_t i = 0; i < count; i++) {
		struct host_address *address = &addresses[i];
		unsigned prefix = style_prefix(address, request->style);
		char text[INET6_ADDRSTRLEN + 8];

		if (!is_protocol_used(address, request->protocols) ||
		    !is_interface_used(address, request->interfaces))
			continue;
		mask_address(address, prefix);
		if (!format_network(address, prefix, text, sizeof text) ||
		    word_list_has(buf_span(out), span_text(text)))
			continue;
		if (out->len > 0)
			buf_append_byte(out, ' ');
		buf_append_text(out, text);
	}
}
