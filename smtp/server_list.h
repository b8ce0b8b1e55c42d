/* SPDX-License-Identifier: MIT */
/* The addresses a message may be sent to, in the order in which they are tried.
 * Owned by a delivery, in its pool. */
#ifndef SMTP_SERVER_LIST_H
#define SMTP_SERVER_LIST_H

#include "lib/base/pool.h"
#include "lib/route/own_address.h"

#include "smtp/params.h"

enum {
	SERVER_LIST_MAXIMUM = 100
};

struct server {
	const char *name; /* NUL-terminated, in the pool */
	const char *path; /* of a UNIX socket, as configured, or NULL */
	struct address address;
	uint16_t preference; /* lower comes first */
	bool is_best;        /* no host of the list is preferred to it */
};

struct server_list {
	struct server *servers;
	size_t count;
};

/* What the order depends on besides the list; `random_below` as random.h's. */
struct server_order {
	enum address_preference preference;
	bool shuffle;
	uint64_t (*random_below)(uint64_t bound);
};

/* False when the pool or the list is full. */
bool server_list_add(struct server_list *list, struct pool *pool,
    const struct server *server) MUST_USE;

/* By preference; among equals shuffled, or as found, and then with one protocol
 * before the other. */
void server_list_sort(
    struct server_list *list, const struct server_order *order);

/* When one of the addresses is our own, it and all that are not preferred to it
 * are dropped: mail must not be sent in a circle (RFC 5321 5.1). True when
 * something was dropped. The list is sorted. */
bool server_list_cut_own(
    struct server_list *list, const struct own_address_list *own) MUST_USE;

#endif
