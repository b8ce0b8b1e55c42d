/* SPDX-License-Identifier: MIT */
#include "lib/table/table_list.h"

#include "lib/base/memory.h"
#include "lib/param/word_list.h"

struct table_list {
	struct table **tables;
	size_t count;
	const struct table_observer *observer;
};

struct table_list *
table_list_open(struct span names, const char *default_type,
    const struct table_options *options, struct error *error)
{
	struct table_list *list = memory_zero(sizeof *list);
	struct span name;

	while (word_list_next(&names, &name)) {
		struct table *table =
		    table_open(name, default_type, options, error);

		if (table == NULL) {
			table_list_close(list);
			return NULL;
		}
		list->tables = memory_resize(
		    list->tables, (list->count + 1) * sizeof(struct table *));
		list->tables[list->count++] = table;
	}
	return list;
}

void
table_list_close(struct table_list *list)
{
	if (list == NULL)
		return;
	for (size_t i = 0; i < list->count; i++)
		table_close(list->tables[i]);
	free(list->tables);
	free(list);
}

void
table_list_observe(
    struct table_list *list, const struct table_observer *observer)
{
	list->observer = observer;
}

bool
table_list_is_empty(const struct table_list *list)
{
	return list->count == 0;
}

static enum table_result
get(struct table_list *list, struct span key, unsigned unfit, struct buf *value,
    struct error *error)
{
	for (size_t i = 0; i < list->count; i++) {
		enum table_result result;

		if ((table_traits(list->tables[i]) & unfit) != 0)
			continue;
		result = table_get(list->tables[i], key, value, error);
		if (result == TABLE_FOUND && list->observer != NULL)
			list->observer->found(list->observer->owner,
			    table_name(list->tables[i]), key, buf_span(value));
		if (result != TABLE_NOT_FOUND)
			return result;
	}
	buf_clear(value);
	return TABLE_NOT_FOUND;
}

enum table_result
table_list_get(struct table_list *list, struct span key, struct buf *value,
    struct error *error)
{
	return get(list, key, 0, value, error);
}

enum table_result
table_list_get_part(struct table_list *list, struct span key, struct buf *value,
    struct error *error)
{
	return get(list, key, TABLE_WHOLE_KEY, value, error);
}

bool
table_list_has_changed(const struct table_list *list, const char **name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!table_has_changed(list->tables[i]))
			continue;
		if (name != NULL)
			*name = table_name(list->tables[i]);
		return true;
	}
	return false;
}

bool
table_list_reopen(struct table_list *list, struct error *error)
{
	for (size_t i = 0; i < list->count; i++)
		if (!table_reopen(list->tables[i], error))
			return false;
	return true;
}
