/* SPDX-License-Identifier: MIT */
/* texthash:/file and aliases:/file: the text that postmap and postalias take,
 * read whole when it is opened. */
#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/base/pool.h"
#include "lib/base/text.h"
#include "lib/table/alias_source.h"
#include "lib/table/table_kind.h"
#include "lib/table/text_file.h"

struct text_table {
	char *path;
	struct file_identity identity;
	struct pool *pool;   /* of the values */
	struct hash *values; /* to struct span */
};

static void
close_text(void *state)
{
	struct text_table *table = state;

	hash_destroy(table->values);
	pool_destroy(table->pool);
	free(table->path);
	free(table);
}

/* The first of several entries for a key counts, as in a built table. */
static void
add_entry(struct text_table *table, const struct map_entry *entry,
    const struct table_options *options)
{
	struct buf key;
	struct span *value;

	buf_init(&key, LOGICAL_LINE_MAXIMUM);
	must(buf_append_span(&key, entry->key));
	if (!options->keep_case)
		text_fold(key.at, key.len);
	if (hash_get(table->values, buf_span(&key)) != NULL) {
		warnings_add(options->warnings,
		    "%s, line %u: duplicate entry \"%.*s\" is ignored",
		    table->path, entry->line, SPAN_ARGS(entry->key));
	} else {
		value = pool_alloc(table->pool, sizeof *value);
		must(value != NULL &&
		    pool_copy_span(table->pool, entry->value, value));
		hash_put(table->values, buf_span(&key), value);
	}
	buf_finish(&key);
}

static void
add_all(struct text_table *table, struct span text, map_source_reader read,
    const struct table_options *options)
{
	struct map_source source;
	struct map_entry entry;
	struct error words;
	enum map_source_result result;

	map_source_init(&source, table->path, text);
	do {
		result = read(&source, &entry, &words);
		if (result == MAP_SOURCE_ENTRY)
			add_entry(table, &entry, options);
		else if (result == MAP_SOURCE_BAD)
			warnings_add(options->warnings, "%s", words.text);
	} while (result != MAP_SOURCE_END);
	map_source_finish(&source);
}

static void *
open_text(const char *path, map_source_reader read,
    const struct table_options *options, struct error *error)
{
	struct text_table *table = memory_zero(sizeof *table);
	struct buf text;
	bool complete;

	table->path = memory_copy(span_text(path));
	table->pool = pool_create(NULL, "text table", POOL_NO_MAXIMUM);
	table->values = hash_create();
	buf_init(&text, TEXT_FILE_MAXIMUM);
	complete = text_file_read(path, &text, &table->identity, error);
	if (complete)
		add_all(table, buf_span(&text), read, options);
	buf_finish(&text);
	if (complete)
		return table;
	close_text(table);
	return NULL;
}

static void *
open_map(
    const char *path, const struct table_options *options, struct error *error)
{
	return open_text(path, map_source_next, options, error);
}

static void *
open_aliases(
    const char *path, const struct table_options *options, struct error *error)
{
	return open_text(path, alias_source_next, options, error);
}

static enum table_result
get_text(
    void *state, struct span key, struct buf *value, struct error *error UNUSED)
{
	const struct text_table *table = state;
	const struct span *found = hash_get(table->values, key);

	if (found == NULL)
		return TABLE_NOT_FOUND;
	(void)buf_append_span(value, *found);
	return TABLE_FOUND;
}

static bool
walk_text(void *state,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error UNUSED)
{
	const struct text_table *table = state;
	struct hash_cursor cursor = {0};
	const struct span *value;
	struct span key;

	while ((value = hash_next(table->values, &cursor, &key)) != NULL)
		if (!visit(owner, key, *value))
			return false;
	return true;
}

static bool
has_text_changed(const void *state)
{
	const struct text_table *table = state;

	return file_identity_is_replaced(&table->identity, table->path);
}

const struct table_kind table_text_map = {
    .name = "texthash",
    .open = open_map,
    .get = get_text,
    .walk = walk_text,
    .has_changed = has_text_changed,
    .close = close_text,
};

const struct table_kind table_text_aliases = {
    .name = "aliases",
    .open = open_aliases,
    .get = get_text,
    .walk = walk_text,
    .has_changed = has_text_changed,
    .close = close_text,
};
