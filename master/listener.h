/* SPDX-License-Identifier: MIT */
/* A listening socket that master opens and hands to the workers of a role; the
 * role owns it. Master never accepts on it. */
#ifndef MASTER_LISTENER_H
#define MASTER_LISTENER_H

#include <sys/types.h>

#include "lib/base/pool.h"
#include "lib/net/address.h"

struct listener {
	const char *name; /* for GIVE: "listen", "public:submit", ... */
	struct address address;
	mode_t mode; /* of a UNIX socket */
	uid_t owner;
	int fd; /* -1: not open */
};

/* A growing array whose memory is a pool's. */
struct listener_list {
	struct listener *at;
	size_t count;
	size_t size;
};

/* The address and the descriptor are the caller's to set. */
struct listener *listener_add(struct listener_list *list, struct pool *pool,
    const char *name) __attribute__((returns_nonnull));

struct listener_inet {
	struct span name;       /* of the service: "smtp", "host:port" */
	struct span interfaces; /* inet_interfaces, expanded */
	struct span protocols;  /* inet_protocols, expanded */
};

/* Adds a listener "public" for every address that an inet service means. Asks
 * the name service: not in a coroutine. */
bool listener_add_inet(struct listener_list *list, struct pool *pool,
    const struct listener_inet *inet, struct error *error) MUST_USE;
/* Adds one for a UNIX socket, owned by the caller's user. */
bool listener_add_local(struct listener_list *list, struct pool *pool,
    const char *name, const char *path, struct error *error) MUST_USE;

/* Opens it; shares the socket of `same` (may be NULL), an open listener with
 * the same address. */
bool listener_open(struct listener *listener, const struct listener *same,
    struct error *error) MUST_USE;
/* The open listener with the address of `listener`; NULL: there is none. */
struct listener *listener_find_same(
    const struct listener_list *list, const struct listener *listener);
/* Closes the descriptors; the paths stay. */
void listener_close_all(struct listener_list *list);

#endif
