/* SPDX-License-Identifier: MIT */
#include "lib/param/host.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

enum {
	ADDRESSES_MAXIMUM = 256
};

static void
system_name(char *name, size_t size)
{
	if (gethostname(name, size - 1) != 0 || name[0] == '\0')
		snprintf(name, size, "localhost");
	name[size - 1] = '\0';
}

static unsigned
count_bits(const unsigned char *mask, size_t len)
{
	unsigned bits = 0;

	for (size_t i = 0; i < len; i++)
		bits += (unsigned)__builtin_popcount(mask[i]);
	return bits;
}

/* The bytes of an address or mask; NULL when it is of another family. */
static const unsigned char *
address_bytes(const struct sockaddr *address, size_t *len)
{
	const void *bytes = address;

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = bytes;

		*len = sizeof in->sin_addr;
		return (const void *)&in->sin_addr;
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = bytes;

		*len = sizeof in6->sin6_addr;
		return in6->sin6_addr.s6_addr;
	}
	return NULL;
}

static bool
read_interface(const struct ifaddrs *interface, struct host_address *address)
{
	const unsigned char *bytes;
	const unsigned char *mask;
	size_t len;

	if ((interface->ifa_flags & IFF_UP) == 0 ||
	    interface->ifa_addr == NULL || interface->ifa_netmask == NULL)
		return false;
	bytes = address_bytes(interface->ifa_addr, &len);
	mask = address_bytes(interface->ifa_netmask, &len);
	if (bytes == NULL || mask == NULL)
		return false;
	*address = (struct host_address){
	    .family = interface->ifa_addr->sa_family,
	    .prefix = count_bits(mask, len),
	    .is_loopback = (interface->ifa_flags & IFF_LOOPBACK) != 0,
	};
	memcpy(address->address, bytes, len);
	return true;
}

static size_t
ask_interfaces(struct host_address *addresses, size_t maximum)
{
	struct ifaddrs *interfaces;
	size_t count = 0;

	if (getifaddrs(&interfaces) != 0)
		return 0;
	for (struct ifaddrs *at = interfaces; at != NULL && count < maximum;
	     at = at->ifa_next)
		if (read_interface(at, &addresses[count]))
			count++;
	freeifaddrs(interfaces);
	return count;
}

/* Those of the first time: a sandboxed process cannot ask again, and what it
 * does is about the addresses it started with anyway. */
static size_t
system_addresses(struct host_address *addresses, size_t maximum)
{
	static struct host_address known[ADDRESSES_MAXIMUM];
	static size_t count;
	static bool are_known;

	if (!are_known)
		count = ask_interfaces(known, ADDRESSES_MAXIMUM);
	are_known = true;
	if (maximum > count)
		maximum = count;
	memcpy(addresses, known, maximum * sizeof *addresses);
	return maximum;
}

const struct host host_system = {
    .name = system_name,
    .addresses = system_addresses,
};
