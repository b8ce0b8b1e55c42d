/* SPDX-License-Identifier: MIT */
/* Socket addresses and networks: values, no ownership. An IPv4-mapped IPv6
 * address is turned into the IPv4 address it means wherever one is read. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>

#include "lib/base/error.h"
#include "lib/base/span.h"

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
		struct sockaddr_un local;
	};

	socklen_t len; /* 0: no address */
};

enum {
	ADDRESS_TEXT_SIZE = 64
};

/* A numeric IPv4 or IPv6 address without brackets; `port` in host order. */
bool address_parse_ip(
    struct span text, uint16_t port, struct address *address) MUST_USE;
/* From raw network-order bytes: 4 or 16 of them. */
struct address address_from_bytes(struct span bytes, uint16_t port);
bool address_local(
    struct span path, struct address *address, struct error *error) MUST_USE;
/* As the kernel filled it in, with its `len`. */
struct address address_from_kernel(const struct address *address);
/* Without address when `fd` is no connected (bound) socket. */
struct address address_of_peer(int fd);
struct address address_of_socket(int fd);

/* The bare IP text ("127.0.0.1", "::1", "unknown"), NUL-terminated in `text`,
 * which has ADDRESS_TEXT_SIZE bytes; returned for convenience. */
const char *address_format_ip(const struct address *address, char *text);
/* The network-order bytes inside `address`: 4, 16, or none when it is no IP. */
struct span address_bytes(const struct address *address);
/* In host order; 0 when it is no IP. */
uint16_t address_port(const struct address *address);
void address_set_port(struct address *address, uint16_t port);
bool address_is_ip(const struct address *address);
/* Same family and IP; the port is ignored. */
bool address_same_ip(const struct address *a, const struct address *b);
bool address_is_loopback(const struct address *address);
/* 0.0.0.0 or ::. */
bool address_is_unspecified(const struct address *address);

#endif
