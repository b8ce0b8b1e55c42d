/* SPDX-License-Identifier: MIT */
#include "lib/net/address.h"

#include <arpa/inet.h>

static const uint8_t mapped_prefix[12] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static struct address
address_of_in4(const void *bytes, uint16_t port)
{
	struct address address = {.len = sizeof address.in4};

	address.in4.sin_family = AF_INET;
	address.in4.sin_port = htons(port);
	memcpy(&address.in4.sin_addr, bytes, 4);
	return address;
}

static struct address
address_of_in6(const void *bytes, uint16_t port)
{
	struct address address = {.len = sizeof address.in6};

	if (memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0)
		return address_of_in4((const char *)bytes + 12, port);
	address.in6.sin6_family = AF_INET6;
	address.in6.sin6_port = htons(port);
	memcpy(&address.in6.sin6_addr, bytes, 16);
	return address;
}

struct address
address_from_bytes(struct span bytes, uint16_t port)
{
	must(bytes.len == 4 || bytes.len == 16);
	if (bytes.len == 4)
		return address_of_in4(bytes.at, port);
	return address_of_in6(bytes.at, port);
}

bool
address_parse_ip(struct span text, uint16_t port, struct address *address)
{
	char copy[ADDRESS_TEXT_SIZE];
	uint8_t bytes[16];

	if (text.len >= sizeof copy || span_find(text, '\0') < text.len)
		return false;
	if (text.len > 0)
		span_copy(copy, text);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1)
		*address = address_of_in4(bytes, port);
	else if (inet_pton(AF_INET6, copy, bytes) == 1)
		*address = address_of_in6(bytes, port);
	else
		return false;
	return true;
}

bool
address_local(struct span path, struct address *address, struct error *error)
{
	struct address result = {.len = sizeof result.local};

	if (path.len == 0 || span_find(path, '\0') < path.len)
		return error_set(error, ERROR_INVALID, "bad socket path");
	if (path.len >= sizeof result.local.sun_path)
		return error_set(error, ERROR_INVALID,
		    "socket path is longer than %zu bytes: %.*s",
		    sizeof result.local.sun_path - 1, SPAN_ARGS(path));
	result.local.sun_family = AF_UNIX;
	span_copy(result.local.sun_path, path);
	*address = result;
	return true;
}

struct address
address_from_kernel(const struct address *address)
{
	if (address->len == 0 || address->any.sa_family != AF_INET6)
		return *address;
	return address_of_in6(
	    &address->in6.sin6_addr, ntohs(address->in6.sin6_port));
}

struct address
address_of_peer(int fd)
{
	struct address address = {.len = sizeof address.local};

	if (getpeername(fd, &address.any, &address.len) < 0)
		address.len = 0;
	return address_from_kernel(&address);
}

struct address
address_of_socket(int fd)
{
	struct address address = {.len = sizeof address.local};

	if (getsockname(fd, &address.any, &address.len) < 0)
		address.len = 0;
	return address_from_kernel(&address);
}

struct span
address_bytes(const struct address *address)
{
	if (address->len == 0)
		return SPAN_EMPTY;
	if (address->any.sa_family == AF_INET)
		return span_of(&address->in4.sin_addr, 4);
	if (address->any.sa_family == AF_INET6)
		return span_of(&address->in6.sin6_addr, 16);
	return SPAN_EMPTY;
}

const char *
address_format_ip(const struct address *address, char *text)
{
	struct span bytes = address_bytes(address);
	int family = bytes.len == 4 ? AF_INET : AF_INET6;

	if (bytes.len == 0)
		memcpy(text, "unknown", sizeof "unknown");
	else
		must(inet_ntop(family, bytes.at, text, ADDRESS_TEXT_SIZE) !=
		    NULL);
	return text;
}

bool
address_is_ip(const struct address *address)
{
	return address_bytes(address).len > 0;
}

uint16_t
address_port(const struct address *address)
{
	if (!address_is_ip(address))
		return 0;
	return ntohs(address->any.sa_family == AF_INET
		? address->in4.sin_port
		: address->in6.sin6_port);
}

void
address_set_port(struct address *address, uint16_t port)
{
	must(address_is_ip(address));
	if (address->any.sa_family == AF_INET)
		address->in4.sin_port = htons(port);
	else
		address->in6.sin6_port = htons(port);
}

bool
address_same_ip(const struct address *a, const struct address *b)
{
	return address_is_ip(a) &&
	    span_equal(address_bytes(a), address_bytes(b));
}

bool
address_is_loopback(const struct address *address)
{
	struct span bytes = address_bytes(address);

	if (bytes.len == 4)
		return bytes.at[0] == 127;
	return bytes.len == 16 && memcmp(bytes.at, &in6addr_loopback, 16) == 0;
}

bool
address_is_unspecified(const struct address *address)
{
	struct span bytes = address_bytes(address);

	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.at[i] != 0)
			return false;
	return bytes.len > 0;
}
