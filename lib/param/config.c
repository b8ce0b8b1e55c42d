/* SPDX-License-Identifier: MIT */
#include "lib/param/config.h"

#include "lib/base/hash.h"
#include "lib/base/text.h"
#include "lib/param/logical_line.h"
#include "lib/param/word_list.h"

struct config {
	struct pool *pool;
	struct hash *entries; /* name -> struct config_entry */
	struct config_entry *first;
	struct config_entry **end;
	struct hash *used;   /* names that something refers to */
	struct hash *tables; /* what "ldap:" and the like stand before */
};

static void
destroy_hashes(void *argument)
{
	struct config *config = argument;

	hash_destroy(config->entries);
	hash_destroy(config->used);
	hash_destroy(config->tables);
}

struct config *
config_create(struct pool *pool)
{
	struct config *config = pool_alloc(pool, sizeof *config);

	must(config != NULL);
	*config = (struct config){
	    .pool = pool,
	    .entries = hash_create(),
	    .used = hash_create(),
	    .tables = hash_create(),
	    .end = &config->first,
	};
	pool_on_destroy(pool, destroy_hashes, config);
	return config;
}

static bool
is_name_byte(char byte)
{
	return text_is_printable(byte) && byte != ' ' &&
	    strchr("=$#{},\"", byte) == NULL;
}

bool
config_split(struct span setting, struct span *name, struct span *value)
{
	if (!span_split(setting, '=', name, value))
		return false;
	*name = span_trim(*name);
	*value = span_trim(*value);
	for (size_t i = 0; i < name->len; i++)
		if (!is_name_byte(name->at[i]))
			return false;
	return name->len > 0;
}

static bool
no_room(const char *where, struct error *error)
{
	return error_set(
	    error, ERROR_LIMIT, "%s: too much configuration", where);
}

/* Adds an entry behind the others; NULL when the pool is full. */
static struct config_entry *
add_entry(struct config *config, struct span name)
{
	struct config_entry *entry = pool_alloc(config->pool, sizeof *entry);

	if (entry == NULL || !pool_copy_span(config->pool, name, &entry->name))
		return NULL;
	hash_put(config->entries, name, entry);
	*config->end = entry;
	config->end = &entry->next;
	return entry;
}

/* `where` is kept as it is. */
static bool
set_value(struct config *config, const char *where, struct span name,
    struct span value, struct error *error)
{
	struct config_entry *entry = hash_get(config->entries, name);

	if (!pool_copy_span(config->pool, value, &value))
		return no_room(where, error);
	if (entry == NULL)
		entry = add_entry(config, name);
	if (entry == NULL)
		return no_room(where, error);
	entry->value = value;
	entry->where = where;
	return true;
}

bool
config_set(struct config *config, const char *where, struct span name,
    struct span value, struct error *error)
{
	const char *kept = pool_copy(config->pool, span_text(where));

	if (kept == NULL)
		return no_room(where, error);
	return set_value(config, kept, name, value, error);
}

static bool
not_a_setting(const char *where, struct span found, struct error *error)
{
	found = span_head(found, 60);
	return error_set(error, ERROR_INVALID,
	    "%s: expected \"name = value\", found \"%.*s\"", where,
	    SPAN_ARGS(found));
}

bool
config_override(struct config *config, const char *where, struct span setting,
    struct error *error)
{
	struct span name;
	struct span value;

	if (!config_split(setting, &name, &value))
		return not_a_setting(where, setting, error);
	return config_set(config, where, name, value, error);
}

/* One logical line of main.cf. */
static bool
add_setting(struct config *config, const char *where, struct span setting,
    struct warnings *warnings, struct error *error)
{
	const struct config_entry *earlier;
	struct span name;
	struct span value;

	if (where == NULL)
		return no_room("configuration", error);
	if (!config_split(setting, &name, &value))
		return not_a_setting(where, setting, error);
	earlier = config_find(config, name);
	if (earlier != NULL && !span_equal(earlier->value, value))
		warnings_add(warnings,
		    "%s: overriding earlier entry: %.*s=%.*s", where,
		    SPAN_ARGS(name), SPAN_ARGS(earlier->value));
	return set_value(config, where, name, value, error);
}

bool
config_parse(struct config *config, const char *file, struct span text,
    struct warnings *warnings, struct error *error)
{
	struct logical_line_reader reader;
	struct buf line;
	enum logical_line_result result;
	bool good = true;

	logical_line_start(&reader, file, text);
	buf_init(&line, LOGICAL_LINE_MAXIMUM);
	do {
		result = logical_line_next(&reader, &line, error);
		if (result == LOGICAL_LINE_TEXT)
			good = add_setting(config,
			    pool_printf(config->pool, "%s, line %u", file,
				reader.number),
			    buf_span(&line), warnings, error);
	} while (good && result == LOGICAL_LINE_TEXT);
	buf_finish(&line);
	return good && result == LOGICAL_LINE_END;
}

const struct config_entry *
config_find(const struct config *config, struct span name)
{
	return hash_get(config->entries, name);
}

bool
config_get(const struct config *config, struct span name, struct span *value)
{
	const struct config_entry *entry = config_find(config, name);

	if (entry == NULL)
		return false;
	*value = entry->value;
	return true;
}

const struct config_entry *
config_first(const struct config *config)
{
	return config->first;
}

struct lookup {
	const struct config *config;
	const struct expand_names *others;
};

static bool
find_name(void *argument, struct span name, struct span *value)
{
	const struct lookup *lookup = argument;
	const struct expand_names *others = lookup->others;

	return config_get(lookup->config, name, value) ||
	    (others != NULL && others->find(others->argument, name, value));
}

bool
config_expand(const struct config *config, struct span text,
    const struct expand_names *others, struct buf *out, struct error *error)
{
	struct lookup lookup = {config, others};
	struct expand_names names = {.find = find_name, .argument = &lookup};

	return expand_text(text, &names, out, error);
}

static void
mark_used(void *argument, struct span name)
{
	struct config *config = argument;

	hash_put(config->used, name, config);
}

static bool
is_table_with_settings(struct span type)
{
	static const char types[] = "ldap mysql pgsql sqlite memcache mongodb";

	return word_list_has(span_text(types), type);
}

/* "proxy:ldap:users" makes users_server_host and the like settings of it. */
static void
mark_table(struct config *config, struct span word)
{
	struct span type;
	struct span rest;

	while (span_split(word, ':', &type, &rest)) {
		if (is_table_with_settings(type) && rest.len > 0)
			hash_put(config->tables, rest, config);
		word = rest;
	}
}

static void
mark_tables(struct config *config, struct span value)
{
	struct span word;

	while (span_take_word(&value, " \t,{}!", &word))
		mark_table(config, word);
}

void
config_note_references(struct config *config, struct span text)
{
	expand_references(text, mark_used, config);
	mark_tables(config, text);
}

static void
mark_restriction_classes(struct config *config)
{
	struct span classes;
	struct span class;

	if (!config_get(config, SPAN("smtpd_restriction_classes"), &classes))
		return;
	while (word_list_next(&classes, &class))
		mark_used(config, class);
}

/* Whether `name` begins with the name of a table and '_'. */
static bool
is_table_setting(const struct config *config, struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] == '_' &&
		    hash_get(config->tables, span_head(name, i)) != NULL)
			return true;
	return false;
}

bool
config_has_use(const struct config *config, struct span name)
{
	return hash_get(config->used, name) != NULL ||
	    is_table_setting(config, name);
}

void
config_unused(struct config *config,
    bool (*is_known)(void *argument, struct span name),
    void (*unused)(void *argument, const struct config_entry *entry),
    void *argument)
{
	const struct config_entry *entry;

	for (entry = config->first; entry != NULL; entry = entry->next)
		config_note_references(config, entry->value);
	mark_restriction_classes(config);
	for (entry = config->first; entry != NULL; entry = entry->next)
		if (!is_known(argument, entry->name) &&
		    !config_has_use(config, entry->name))
			unused(argument, entry);
}
