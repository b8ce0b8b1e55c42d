/* SPDX-License-Identifier: MIT */
#include "smtpd/sni.h"

#include <fcntl.h>

#include "lib/base/hash.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/param/word_list.h"
#include "lib/table/map_source.h"
#include "lib/tls/server_name.h"

enum {
	TABLE_MAXIMUM = 16 << 20, /* bytes of one table's text */
	PATH_MAXIMUM = 1024
};

static struct hash *names; /* to struct chain_list */

static bool
is_key(struct span key, char text[SERVER_NAME_SIZE], struct span *folded)
{
	bool covers_children = key.len > 0 && key.at[0] == '.';

	if (!server_name_parse(
		span_skip(key, covers_children ? 1 : 0), text, folded))
		return false;
	if (covers_children) {
		memmove(text + 1, text, folded->len);
		text[0] = '.';
		folded->len++;
	}
	return true;
}

/* The first of several entries for a name counts. */
static bool
add(struct span key, struct span files, struct error *error)
{
	char text[SERVER_NAME_SIZE];
	struct chain_list *chains;
	struct span folded;

	if (!is_key(key, text, &folded))
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": expected a host name",
		    SPAN_ARGS(span_head(key, 80)));
	if (hash_get(names, folded) != NULL)
		return true;
	chains = memory_zero(sizeof *chains);
	hash_put(names, folded, chains);
	if (!chain_list_add_files(chains, files, error))
		return error_prefix(
		    error, "%.*s", SPAN_ARGS(span_head(key, 80)));
	return chains->count > 0 ||
	    error_set(error, ERROR_INVALID, "%.*s: expected files",
		SPAN_ARGS(span_head(key, 80)));
}

static bool
add_pairs(struct span argument, struct error *error)
{
	struct span inside;
	struct span pair;
	struct span files;
	struct span name;

	if (!word_list_group(span_trim(argument), &inside))
		return error_set(
		    error, ERROR_INVALID, "expected {name = files, ...}");
	while (word_list_next(&inside, &pair)) {
		struct span group;

		if (word_list_group(pair, &group))
			pair = group;
		span_split(pair, '=', &name, &files);
		if (!add(span_trim(name), span_trim(files), error))
			return false;
	}
	return true;
}

static bool
add_entries(const char *path, struct span text, struct error *error)
{
	struct map_source source;
	struct map_entry entry;
	enum map_source_result result;

	map_source_init(&source, path, text);
	while ((result = map_source_next(&source, &entry, error)) ==
	    MAP_SOURCE_ENTRY)
		if (!add(entry.key, entry.value, error)) {
			error_prefix(error, "%s, line %u", path, entry.line);
			break;
		}
	map_source_finish(&source);
	return result == MAP_SOURCE_END;
}

static bool
add_file(struct span argument, struct error *error)
{
	char path[PATH_MAXIMUM];
	struct buf text;
	bool added;

	snprintf(path, sizeof path, "%.*s", SPAN_ARGS(argument));
	buf_init(&text, TABLE_MAXIMUM);
	added = io_read_file(AT_FDCWD, path, &text, error) &&
	    add_entries(path, buf_span(&text), error);
	buf_finish(&text);
	return added;
}

/* A built table would hold the keys themselves; the text that it is built of
 * names their files. */
static const struct {
	const char *type;
	bool (*add)(struct span argument, struct error *error);
} types[] = {
    {"inline", add_pairs},
    {"texthash", add_file},
    {"hash", add_file},
    {"btree", add_file},
    {"lmdb", add_file},
    {"cdb", add_file},
    {"dbm", add_file},
};

static bool
add_table(struct span table, struct error *error)
{
	struct span type;
	struct span argument;

	if (span_split(table, ':', &type, &argument))
		for (size_t i = 0; i < COUNT_OF(types); i++)
			if (span_equal(type, span_text(types[i].type)))
				return types[i].add(argument, error);
	return error_set(error, ERROR_INVALID,
	    "\"%.*s\": expected inline:{name = files, ...}, or texthash:, "
	    "hash: or the like and the path of a text",
	    SPAN_ARGS(span_head(table, 60)));
}

bool
sni_open(const char *tables, struct error *error)
{
	struct span rest = span_text(tables);
	struct span table;

	names = hash_create();
	while (word_list_next(&rest, &table))
		if (!add_table(table, error))
			return error_prefix(error, "tls_server_sni_maps");
	return true;
}

bool
sni_is_used(void)
{
	return hash_count(names) > 0;
}

const struct chain_list *
sni_find(struct span name)
{
	const struct chain_list *chains;

	do
		chains = hash_get(names, name);
	while (chains == NULL && server_name_widen(&name));
	return chains;
}
