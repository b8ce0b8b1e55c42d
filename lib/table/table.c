/* SPDX-License-Identifier: MIT */
#include "lib/table/table.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/table/table_kind.h"

enum {
	OPEN_INTERVAL = 1000 /* milliseconds between attempts to open */
};

struct table {
	const struct table_kind *kind;
	char *name;     /* "type:argument" */
	char *argument; /* inside name */
	struct table_options options;
	void *state; /* NULL while it cannot be opened */
	struct error failure;
	int64_t open_after; /* of clock_monotonic */
	struct buf key;     /* scratch: folded, with a NUL at its end */
};

static const struct table_kind *const kinds[] = {
#ifdef POSTERN_BERKELEY_DB
    &table_db_hash,
    &table_db_btree,
#endif
#ifdef POSTERN_LMDB
    &table_lmdb_kind,
#endif
    &table_cdb_kind,
    &table_text_map,
    &table_text_aliases,
    &table_constant_static,
    &table_constant_inline,
    &table_constant_fail,
    &table_constant_environ,
    &table_passwd_kind,
    &table_rules_regexp,
    &table_rules_pcre,
    &table_rules_cidr,
    &table_compound_union,
    &table_compound_pipe,
    &table_compound_random,
    &table_server_socketmap,
    &table_server_tcp,
#ifdef POSTERN_SQLITE
    &table_sqlite_kind,
#endif
};

/* Types that others know and we do not, or not in this build. */
static const struct {
	const char *type;
	const char *why;
} absent[] = {
#ifndef POSTERN_BERKELEY_DB
    {"hash", "this build has no Berkeley DB; use lmdb or cdb"},
    {"btree", "this build has no Berkeley DB; use lmdb or cdb"},
#endif
#ifndef POSTERN_LMDB
    {"lmdb", "this build has no LMDB; use hash or cdb"},
#endif
#ifndef POSTERN_SQLITE
    {"sqlite", "this build has no SQLite"},
#endif
    {"ldap", "ask a server by socketmap, or make a hash table from it"},
    {"mysql", "ask a server by socketmap, or make a hash table from it"},
    {"pgsql", "ask a server by socketmap, or make a hash table from it"},
    {"dbm", "use hash, lmdb or cdb"},
    {"sdbm", "use hash, lmdb or cdb"},
    {"nis", "use ldap, or texthash of a file made from it"},
    {"nisplus", "use ldap, or texthash of a file made from it"},
    {"netinfo", "use ldap, or texthash of a file made from it"},
};

const char *
table_type(size_t i)
{
	return i < COUNT_OF(kinds) ? kinds[i]->name : NULL;
}

static const struct table_kind *
find_kind(struct span type)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (span_equal(type, span_text(kinds[i]->name)))
			return kinds[i];
	return NULL;
}

/* Says that there is no such type, and why. */
static void
refuse_type(struct span name, struct span type, struct error *error)
{
	const char *why = "see postern-table(5)";

	for (size_t i = 0; i < COUNT_OF(absent); i++)
		if (span_equal(type, span_text(absent[i].type)))
			why = absent[i].why;
	(void)error_set(error, ERROR_INVALID,
	    "%.*s: tables of type \"%.*s\" are not supported: %s",
	    SPAN_ARGS(name), SPAN_ARGS(type), why);
}

/* The type and the argument of `name`; false when there is none of them. */
static bool
split_name(struct span name, const char *default_type, struct span *type,
    struct span *argument)
{
	const struct span proxy = SPAN("proxy:");

	if (span_starts(name, proxy))
		name = span_skip(name, proxy.len);
	if (name.len > 0 && name.at[0] == '/' && default_type != NULL) {
		*type = span_text(default_type);
		*argument = name;
		return true;
	}
	return span_split(name, ':', type, argument) && type->len > 0;
}

static bool
open_state(struct table *table, struct error *error)
{
	void *state =
	    table->kind->open(table->argument, &table->options, error);

	if (state == NULL)
		return error_prefix(error, "%s", table->name);
	if (table->state != NULL)
		table->kind->close(table->state);
	table->state = state;
	return true;
}

static struct table *
create(const struct table_kind *kind, struct span argument,
    const struct table_options *options)
{
	struct table *table = memory_zero(sizeof *table);
	struct span type = span_text(kind->name);

	table->kind = kind;
	table->name = memory_zero(type.len + 1 + argument.len + 1);
	table->argument = table->name + type.len + 1;
	memcpy(table->name, type.at, type.len);
	table->name[type.len] = ':';
	if (argument.len > 0)
		memcpy(table->argument, argument.at, argument.len);
	if (options != NULL)
		table->options = *options;
	buf_init(&table->key, TABLE_KEY_MAXIMUM);
	return table;
}

/* Waits for a better time, if the caller wants that and there can be one. */
static bool
put_off(const struct table *table, const struct error *error)
{
	const struct table_options *options = &table->options;

	if (!options->open_later || error->kind == ERROR_INVALID)
		return false;
	warnings_add(options->warnings, "%s", error->text);
	if (options->closed != NULL)
		++*options->closed;
	return true;
}

struct table *
table_open(struct span name, const char *default_type,
    const struct table_options *options, struct error *error)
{
	const struct table_kind *kind;
	struct table *table;
	struct span type;
	struct span argument;

	if (!split_name(name, default_type, &type, &argument)) {
		error_set(error, ERROR_INVALID,
		    "\"%.*s\" is no table: expected type:name",
		    SPAN_ARGS(name));
		return NULL;
	}
	kind = find_kind(type);
	if (kind == NULL) {
		refuse_type(name, type, error);
		return NULL;
	}
	table = create(kind, argument, options);
	if (!open_state(table, &table->failure) &&
	    !put_off(table, &table->failure)) {
		if (error != NULL)
			*error = table->failure;
		table_close(table);
		return NULL;
	}
	if (table->options.traits != NULL)
		*table->options.traits |= table_traits(table);
	table->options.warnings = NULL;
	table->options.closed = NULL;
	table->options.traits = NULL;
	table->open_after = clock_monotonic() + OPEN_INTERVAL;
	return table;
}

void
table_close(struct table *table)
{
	if (table == NULL)
		return;
	if (table->state != NULL)
		table->kind->close(table->state);
	buf_finish(&table->key);
	free(table->name);
	free(table);
}

/* Tries to open what could not be opened before, but not at every lookup. */
static bool
is_open(struct table *table, struct error *error)
{
	int64_t now = clock_monotonic();

	if (table->state != NULL)
		return true;
	if (now >= table->open_after) {
		table->open_after = now + OPEN_INTERVAL;
		if (open_state(table, &table->failure))
			return true;
	}
	if (error != NULL)
		*error = table->failure;
	return false;
}

enum table_result
table_get(struct table *table, struct span key, struct buf *value,
    struct error *error)
{
	enum table_result result;

	buf_clear(value);
	if (!is_open(table, error))
		return TABLE_TRY_AGAIN;
	if (key.len == 0 || span_find(key, '\0') < key.len)
		return TABLE_NOT_FOUND;
	buf_clear(&table->key);
	if (!buf_append_span(&table->key, key)) {
		error_set(error, ERROR_LIMIT,
		    "%s: the key is longer than %d bytes", table->name,
		    TABLE_KEY_MAXIMUM);
		return TABLE_TRY_AGAIN;
	}
	if (!table->options.keep_case &&
	    (table->kind->traits & TABLE_RAW_KEY) == 0)
		text_fold(table->key.at, table->key.len);
	result =
	    table->kind->get(table->state, buf_span(&table->key), value, error);
	if (result == TABLE_FOUND && value->overflowed) {
		error_set(error, ERROR_LIMIT,
		    "the value is longer than %zu bytes", value->maximum);
		result = TABLE_TRY_AGAIN;
	}
	if (result == TABLE_TRY_AGAIN)
		error_prefix(error, "%s", table->name);
	if (result != TABLE_FOUND)
		buf_clear(value);
	return result;
}

bool
table_walk(struct table *table,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error)
{
	if (!is_open(table, error))
		return false;
	if (table->kind->walk == NULL)
		return error_set(error, ERROR_INVALID,
		    "%s: tables of this type cannot be listed", table->name);
	return table->kind->walk(table->state, visit, owner, error) ||
	    error_prefix(error, "%s", table->name);
}

bool
table_has_changed(const struct table *table)
{
	return table->state != NULL && table->kind->has_changed != NULL &&
	    table->kind->has_changed(table->state);
}

bool
table_reopen(struct table *table, struct error *error)
{
	return open_state(table, error);
}

unsigned
table_traits(const struct table *table)
{
	unsigned traits = table->kind->traits;

	if (table->state != NULL && table->kind->traits_of != NULL)
		traits |= table->kind->traits_of(table->state);
	return traits;
}

const char *
table_name(const struct table *table)
{
	return table->name;
}
