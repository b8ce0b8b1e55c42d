/* SPDX-License-Identifier: MIT */
/* What the machine says about itself, behind pointers so that tests can say
 * something else. */
#ifndef PARAM_HOST_H
#define PARAM_HOST_H

#include "lib/base/base.h"

#define HOST_NAME_SIZE 256

struct host_address {
	int family; /* AF_INET or AF_INET6 */
	unsigned char address[16];
	unsigned prefix; /* length of the interface's network, in bits */
	bool is_loopback;
};

struct host {
	/* Writes the host name, NUL-terminated and "localhost" when there is
	 * none. */
	void (*name)(char *name, size_t size);
	/* Fills up to `maximum` addresses of interfaces that are up; returns
	 * how many. The machine is asked once in the life of a process. */
	size_t (*addresses)(struct host_address *addresses, size_t maximum);
};

/* The machine we run on. */
extern const struct host host_system;

#endif
