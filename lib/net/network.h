/* SPDX-License-Identifier: MIT */
/* IP networks: values, no ownership. */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include "lib/net/address.h"

/* An IP network such as 192.0.2.0/24, [2001:db8::]/32 or a single address. */
struct network {
	uint8_t bytes[16];
	uint8_t bits;
	sa_family_t family;
};

/* A part after the prefix that is not zero is ERROR_INVALID, as in Postfix. */
bool network_parse(
    struct span text, struct network *network, struct error *error) MUST_USE;
bool network_has(const struct network *network, const struct address *address);

#endif
