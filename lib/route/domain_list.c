/* SPDX-License-Identifier: MIT */
#include "lib/route/domain_list.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/net/idna.h"

enum {
	VALUE_MAXIMUM = 65536 /* bytes; only whether there is one counts */
};

struct domain_list {
	struct match_list list;
	enum domain_list_reach reach;
};

/* A word in the form that every domain has, too. */
static void
use_a_labels(struct match_list *list, struct match_item *item)
{
	char ascii[1 + IDNA_NAME_SIZE] = ".";
	bool has_dot = span_starts(item->word, SPAN("."));
	struct span name = span_skip(item->word, has_dot);

	if (!text_is_ascii(name) && idna_to_ascii(name, ascii + 1, NULL))
		must(pool_copy_span(
		    list->pool, span_text(ascii + !has_dot), &item->word));
}

struct domain_list *
domain_list_open(struct span text, enum domain_list_reach reach,
    const struct table_options *options, struct error *error)
{
	struct domain_list *list = memory_zero(sizeof *list);
	const struct match_list_source source = {
	    .text = text, .options = options};

	list->reach = reach;
	if (!match_list_init(&list->list, &source, error)) {
		free(list);
		return NULL;
	}
	for (size_t i = 0; i < list->list.count; i++)
		use_a_labels(&list->list, &list->list.items[i]);
	return list;
}

void
domain_list_close(struct domain_list *list)
{
	if (list == NULL)
		return;
	match_list_finish(&list->list);
	free(list);
}

static bool
is_below(struct span domain, struct span parent)
{
	return domain.len > parent.len && span_ends_fold(domain, parent);
}

static bool
word_matches(enum domain_list_reach reach, struct span word, struct span domain)
{
	if (span_equal_fold(word, domain))
		return true;
	if (reach == DOMAIN_LIST_EXACT || !is_below(domain, word))
		return false;
	if (reach == DOMAIN_LIST_PARENT)
		return domain.at[domain.len - word.len - 1] == '.';
	return word.at[0] == '.';
}

/* The next key behind `key`: its parent, with the dot in front unless parents
 * match by themselves. Empty when there is none. */
static struct span
next_key(enum domain_list_reach reach, struct span key)
{
	size_t dot;

	if (reach == DOMAIN_LIST_EXACT || key.len == 0)
		return SPAN_EMPTY;
	key = span_skip(key, 1);
	dot = span_find(key, '.');
	return span_skip(key, reach == DOMAIN_LIST_PARENT ? dot + 1 : dot);
}

static enum table_result
table_matches(enum domain_list_reach reach, struct table *table,
    struct span domain, struct error *error)
{
	enum table_result result = TABLE_NOT_FOUND;
	struct buf value;

	buf_init(&value, VALUE_MAXIMUM);
	if ((table_traits(table) & TABLE_WHOLE_KEY) != 0)
		reach = DOMAIN_LIST_EXACT;
	for (struct span key = domain; result == TABLE_NOT_FOUND && key.len > 0;
	     key = next_key(reach, key))
		result = table_get(table, key, &value, error);
	buf_finish(&value);
	return result;
}

static enum table_result
item_matches(enum domain_list_reach reach, const struct match_item *item,
    const struct idna_forms *forms, struct error *error)
{
	enum table_result result = TABLE_NOT_FOUND;

	for (size_t i = 0; i < forms->count && result == TABLE_NOT_FOUND; i++) {
		if (item->table != NULL)
			result = table_matches(
			    reach, item->table, forms->of[i], error);
		else if (word_matches(reach, item->word, forms->of[i]))
			result = TABLE_FOUND;
	}
	return result;
}

enum table_result
domain_list_match(
    const struct domain_list *list, struct span domain, struct error *error)
{
	struct idna_forms forms;

	idna_find_forms(domain, &forms);
	for (size_t i = 0; i < list->list.count; i++) {
		const struct match_item *item = &list->list.items[i];
		enum table_result result =
		    item_matches(list->reach, item, &forms, error);

		if (result == TABLE_FOUND && item->negated)
			return TABLE_NOT_FOUND;
		if (result != TABLE_NOT_FOUND)
			return result;
	}
	return TABLE_NOT_FOUND;
}

bool
domain_list_has_changed(const struct domain_list *list, const char **name)
{
	return match_list_has_changed(&list->list, name);
}
