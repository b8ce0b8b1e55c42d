/* SPDX-License-Identifier: MIT */
#include "lib/route/network_list.h"

#include "lib/base/memory.h"

enum {
	VALUE_MAXIMUM = 65536 /* bytes; only whether there is one counts */
};

struct network_list {
	struct match_list list;
	struct network *networks; /* of the items that are plain words */
};

static bool
is_network(struct span word, struct error *error)
{
	struct network network;

	return network_parse(word, &network, error);
}

struct network_list *
network_list_open(
    struct span text, const struct table_options *options, struct error *error)
{
	struct network_list *list = memory_zero(sizeof *list);
	const struct match_list_source source = {
	    .text = text, .options = options, .check_word = is_network};

	if (!match_list_init(&list->list, &source, error)) {
		free(list);
		return NULL;
	}
	list->networks = memory_zero(list->list.count * sizeof *list->networks);
	for (size_t i = 0; i < list->list.count; i++)
		must(list->list.items[i].table != NULL ||
		    network_parse(
			list->list.items[i].word, &list->networks[i], NULL));
	return list;
}

void
network_list_close(struct network_list *list)
{
	if (list == NULL)
		return;
	match_list_finish(&list->list);
	free(list->networks);
	free(list);
}

static enum table_result
table_matches(
    struct table *table, const struct address *address, struct error *error)
{
	char text[ADDRESS_TEXT_SIZE];
	enum table_result result;
	struct buf value;

	buf_init(&value, VALUE_MAXIMUM);
	result = table_get(
	    table, span_text(address_format_ip(address, text)), &value, error);
	buf_finish(&value);
	return result;
}

enum table_result
network_list_match(const struct network_list *list,
    const struct address *address, struct error *error)
{
	if (!address_is_ip(address))
		return TABLE_NOT_FOUND;
	for (size_t i = 0; i < list->list.count; i++) {
		const struct match_item *item = &list->list.items[i];
		enum table_result result = TABLE_NOT_FOUND;

		if (item->table != NULL)
			result = table_matches(item->table, address, error);
		else if (network_has(&list->networks[i], address))
			result = TABLE_FOUND;
		if (result == TABLE_FOUND && item->negated)
			return TABLE_NOT_FOUND;
		if (result != TABLE_NOT_FOUND)
			return result;
	}
	return TABLE_NOT_FOUND;
}

bool
network_list_has_changed(const struct network_list *list, const char **name)
{
	return match_list_has_changed(&list->list, name);
}
