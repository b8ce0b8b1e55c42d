/* SPDX-License-Identifier: MIT */
/* Domain names on the wire of DNS (RFC 1035 sections 3.1 and 4.1.4) and as text
 * without the final dot; the root is the empty text. */
#ifndef NET_DNS_NAME_H
#define NET_DNS_NAME_H

#include "lib/base/buf.h"

enum {
	DNS_NAME_MAXIMUM = 253
}; /* of text, which is 255 bytes on the wire */

struct dns_name {
	char text[DNS_NAME_MAXIMUM + 1]; /* NUL-terminated */
	size_t len;
	/* A label holds a dot, a backslash or what is not printable: the text,
	 * with '?' in their places, means no name. */
	bool odd;
};

/* Appends `name` uncompressed; one final dot is allowed. False, and nothing
 * useful appended, when it is no domain name. */
bool dns_name_write(struct buf *out, struct span name) MUST_USE;

/* Reads the name at *position of a message, following compression pointers, and
 * moves *position behind it. False when it is malformed. */
bool dns_name_read(
    struct span message, size_t *position, struct dns_name *name) MUST_USE;

#endif
