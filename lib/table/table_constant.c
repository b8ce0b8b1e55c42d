/* SPDX-License-Identifier: MIT */
/* static:value, inline:{key=value, ...}, environ: and fail:text: nothing to
 * open. */
#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/base/pool.h"
#include "lib/base/text.h"
#include "lib/param/word_list.h"
#include "lib/table/table_kind.h"

/* {a text} stands for what is inside. */
static void *
open_text(const char *argument, const struct table_options *options UNUSED,
    struct error *error)
{
	struct span text = span_text(argument);
	struct span inside;

	if (text.len == 0) {
		error_set(error, ERROR_INVALID, "expected a value");
		return NULL;
	}
	if (word_list_group(text, &inside))
		text = inside;
	return memory_copy(text);
}

static enum table_result
get_static(void *state, struct span key UNUSED, struct buf *value,
    struct error *error UNUSED)
{
	(void)buf_append_text(value, state);
	return TABLE_FOUND;
}

static enum table_result
get_fail(void *state, struct span key UNUSED, struct buf *value UNUSED,
    struct error *error)
{
	error_set(error, ERROR_TEMPORARY, "%s", (const char *)state);
	return TABLE_TRY_AGAIN;
}

const struct table_kind table_constant_static = {
    .name = "static",
    .open = open_text,
    .get = get_static,
    .close = free,
};

const struct table_kind table_constant_fail = {
    .name = "fail",
    .open = open_text,
    .get = get_fail,
    .close = free,
};

/* What follows the colon is for messages only, and may be nothing. */
static void *
open_environ(const char *argument, const struct table_options *options UNUSED,
    struct error *error UNUSED)
{
	return memory_copy(span_text(argument));
}

static enum table_result
get_environ(void *state UNUSED, struct span key, struct buf *value,
    struct error *error UNUSED)
{
	/* table.c has put a NUL behind the key. */
	const char *found = getenv(key.at);

	if (found == NULL)
		return TABLE_NOT_FOUND;
	(void)buf_append_text(value, found);
	return TABLE_FOUND;
}

const struct table_kind table_constant_environ = {
    .name = "environ",
    .open = open_environ,
    .get = get_environ,
    .close = free,
};

struct inline_table {
	struct pool *pool; /* holds this struct's values */
	struct hash *values;
};

static void
close_inline(void *state)
{
	struct inline_table *table = state;

	hash_destroy(table->values);
	pool_destroy(table->pool);
	free(table);
}

/* One "key=value", "key = value" or {key = value with blanks}. */
static bool
add_pair(struct inline_table *table, struct span pair, bool keep_case,
    struct error *error)
{
	struct span inside;
	struct span key;
	struct span value;
	char *value_copy;
	char *key_copy;

	if (word_list_group(pair, &inside))
		pair = inside;
	if (!span_split(pair, '=', &key, &value) || span_trim(key).len == 0)
		return error_set(error, ERROR_INVALID,
		    "\"%.*s\": expected key = value", SPAN_ARGS(pair));
	key = span_trim(key);
	value_copy = pool_copy(table->pool, span_trim(value));
	key_copy = pool_copy(table->pool, key);
	must(value_copy != NULL && key_copy != NULL);
	if (!keep_case)
		text_fold(key_copy, key.len);
	if (hash_put(table->values, span_of(key_copy, key.len), value_copy) !=
	    NULL)
		return error_set(error, ERROR_INVALID,
		    "the key \"%s\" occurs twice", key_copy);
	return true;
}

static void *
open_inline(const char *argument, const struct table_options *options,
    struct error *error)
{
	struct inline_table *table;
	struct span rest;
	struct span pair;

	if (!word_list_group(span_trim(span_text(argument)), &rest)) {
		error_set(error, ERROR_INVALID, "expected {key = value, ...}");
		return NULL;
	}
	table = memory_zero(sizeof *table);
	table->pool = pool_create(NULL, "inline table", POOL_NO_MAXIMUM);
	table->values = hash_create();
	while (word_list_next(&rest, &pair))
		if (!add_pair(table, pair, options->keep_case, error)) {
			close_inline(table);
			return NULL;
		}
	return table;
}

static enum table_result
get_inline(
    void *state, struct span key, struct buf *value, struct error *error UNUSED)
{
	const struct inline_table *table = state;
	const char *found = hash_get(table->values, key);

	if (found == NULL)
		return TABLE_NOT_FOUND;
	(void)buf_append_text(value, found);
	return TABLE_FOUND;
}

static bool
walk_inline(void *state,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error UNUSED)
{
	const struct inline_table *table = state;
	struct hash_cursor cursor = {0};
	const char *value;
	struct span key;

	while ((value = hash_next(table->values, &cursor, &key)) != NULL)
		if (!visit(owner, key, span_text(value)))
			return false;
	return true;
}

const struct table_kind table_constant_inline = {
    .name = "inline",
    .open = open_inline,
    .get = get_inline,
    .walk = walk_inline,
    .close = close_inline,
};
