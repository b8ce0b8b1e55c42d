/* SPDX-License-Identifier: MIT */
#include "smtp/server_list.h"

bool
server_list_add(
    struct server_list *list, struct pool *pool, const struct server *server)
{
	if (list->servers == NULL)
		list->servers = pool_alloc(
		    pool, SERVER_LIST_MAXIMUM * sizeof *list->servers);
	if (list->servers == NULL || list->count == SERVER_LIST_MAXIMUM)
		return false;
	list->servers[list->count++] = *server;
	return true;
}

static void
shuffle(struct server_list *list, uint64_t (*random_below)(uint64_t bound))
{
	for (size_t i = list->count; i > 1; i--) {
		size_t j = (size_t)random_below(i);
		struct server held = list->servers[j];

		list->servers[j] = list->servers[i - 1];
		list->servers[i - 1] = held;
	}
}

static bool
comes_before(const struct server *a, const struct server *b,
    enum address_preference preference)
{
	sa_family_t first = preference == PREFER_IPV4 ? AF_INET : AF_INET6;

	if (a->preference != b->preference)
		return a->preference < b->preference;
	return preference != PREFER_ANY && a->address.any.sa_family == first &&
	    b->address.any.sa_family != first;
}

/* Insertion sort: keeps the order of equals, and the list is short. */
void
server_list_sort(struct server_list *list, const struct server_order *order)
{
	if (order->shuffle)
		shuffle(list, order->random_below);
	for (size_t i = 1; i < list->count; i++) {
		struct server moved = list->servers[i];
		size_t j = i;

		for (; j > 0 &&
		     comes_before(
			 &moved, &list->servers[j - 1], order->preference);
		     j--)
			list->servers[j] = list->servers[j - 1];
		list->servers[j] = moved;
	}
	for (size_t i = 0; i < list->count; i++)
		list->servers[i].is_best =
		    list->servers[i].preference == list->servers[0].preference;
}

bool
server_list_cut_own(
    struct server_list *list, const struct own_address_list *own)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct server *self = &list->servers[i];

		if (!own_address_has(own, &self->address))
			continue;
		while (i > 0 &&
		    list->servers[i - 1].preference == self->preference)
			i--;
		list->count = i;
		return true;
	}
	return false;
}
