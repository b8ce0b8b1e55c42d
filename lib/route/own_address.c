/* SPDX-License-Identifier: MIT */
#include "lib/route/own_address.h"

#include "lib/param/word_list.h"

static void
add(struct own_address_list *list, const struct address *address)
{
	if (list->count < OWN_ADDRESS_MAXIMUM)
		list->addresses[list->count++] = *address;
}

static void
add_of_host(
    struct own_address_list *list, const struct host *host, bool loopback_only)
{
	struct host_address addresses[OWN_ADDRESS_MAXIMUM];
	size_t count = host->addresses(addresses, OWN_ADDRESS_MAXIMUM);

	if (count > OWN_ADDRESS_MAXIMUM)
		count = OWN_ADDRESS_MAXIMUM;
	for (size_t i = 0; i < count; i++) {
		size_t len = addresses[i].family == AF_INET ? 4 : 16;
		struct address address =
		    address_from_bytes(span_of(addresses[i].address, len), 0);

		if (addresses[i].is_loopback || !loopback_only)
			add(list, &address);
	}
}

/* With or without brackets. */
static bool
parse(struct span word, struct address *address)
{
	if (word.len > 2 && word.at[0] == '[' && word.at[word.len - 1] == ']')
		word = span_of(word.at + 1, word.len - 2);
	return address_parse_ip(word, 0, address);
}

void
own_address_collect(struct own_address_list *list, const struct host *host,
    struct span interfaces, struct span proxies)
{
	struct address address;
	struct span word;

	list->count = 0;
	while (word_list_next(&interfaces, &word)) {
		if (span_equal_fold(word, SPAN("all")))
			add_of_host(list, host, false);
		else if (span_equal_fold(word, SPAN("loopback-only")) ||
		    span_equal_fold(word, SPAN("localhost")))
			add_of_host(list, host, true);
		else if (parse(word, &address))
			add(list, &address);
	}
	while (word_list_next(&proxies, &word))
		if (parse(word, &address))
			add(list, &address);
}

bool
own_address_has(
    const struct own_address_list *list, const struct address *address)
{
	if (address_is_unspecified(address))
		return true;
	for (size_t i = 0; i < list->count; i++)
		if (address_same_ip(&list->addresses[i], address))
			return true;
	return false;
}
