/* SPDX-License-Identifier: MIT */
/* unionmap:{table, ...}, pipemap:{table, ...} and randmap:{value, ...}. */
#include "lib/base/memory.h"
#include "lib/base/random.h"
#include "lib/param/word_list.h"
#include "lib/table/table_kind.h"

enum {
	PIPED_MAXIMUM = TABLE_KEY_MAXIMUM, /* what becomes the next key */
	NESTING_MAXIMUM = 10
};

struct compound {
	struct table **tables;
	size_t count;
	struct buf piece; /* scratch */
	struct buf key;   /* scratch */
};

static void
close_compound(void *state)
{
	struct compound *compound = state;

	for (size_t i = 0; i < compound->count; i++)
		table_close(compound->tables[i]);
	free(compound->tables);
	buf_finish(&compound->piece);
	buf_finish(&compound->key);
	free(compound);
}

static bool
add_table(struct compound *compound, struct span name,
    const struct table_options *options, struct error *error)
{
	struct span inside;
	struct table *table;

	if (word_list_group(name, &inside))
		name = inside;
	table = table_open(name, NULL, options, error);
	if (table == NULL)
		return false;
	compound->tables = memory_resize(
	    compound->tables, (compound->count + 1) * sizeof(struct table *));
	compound->tables[compound->count++] = table;
	return true;
}

static void *
open_compound(const char *argument, const struct table_options *options,
    struct error *error)
{
	struct table_options inner = *options;
	struct compound *compound;
	struct span rest;
	struct span name;
	bool opened = true;

	if (!word_list_group(span_trim(span_text(argument)), &rest) ||
	    rest.len == 0) {
		error_set(error, ERROR_INVALID,
		    "expected {type:name, type:name, ...}");
		return NULL;
	}
	if (++inner.nesting > NESTING_MAXIMUM) {
		error_set(error, ERROR_INVALID,
		    "tables are nested more than %d deep", NESTING_MAXIMUM);
		return NULL;
	}
	compound = memory_zero(sizeof *compound);
	buf_init(&compound->piece, 0);
	buf_init(&compound->key, PIPED_MAXIMUM);
	while (opened && word_list_next(&rest, &name))
		opened = add_table(compound, name, &inner, error);
	if (opened)
		return compound;
	close_compound(compound);
	return NULL;
}

/* All that the tables have for the key, with commas between. */
static enum table_result
get_union(void *state, struct span key, struct buf *value, struct error *error)
{
	struct compound *compound = state;
	bool found = false;

	compound->piece.maximum = value->maximum;
	for (size_t i = 0; i < compound->count; i++) {
		enum table_result result = table_get(
		    compound->tables[i], key, &compound->piece, error);

		if (result == TABLE_TRY_AGAIN)
			return result;
		if (result == TABLE_NOT_FOUND)
			continue;
		if (found)
			(void)buf_append_byte(value, ',');
		(void)buf_append_span(value, buf_span(&compound->piece));
		found = true;
	}
	return found ? TABLE_FOUND : TABLE_NOT_FOUND;
}

/* What a table has is the key for the next. */
static enum table_result
get_pipe(void *state, struct span key, struct buf *value, struct error *error)
{
	struct compound *compound = state;

	buf_clear(&compound->key);
	(void)buf_append_span(&compound->key, key);
	for (size_t i = 0; i < compound->count; i++) {
		enum table_result result = table_get(compound->tables[i],
		    buf_span(&compound->key), value, error);

		if (result != TABLE_FOUND)
			return result;
		buf_clear(&compound->key);
		if (i + 1 < compound->count &&
		    !buf_append_span(&compound->key, buf_span(value))) {
			error_set(error, ERROR_LIMIT,
			    "what %s has is too long for a key",
			    table_name(compound->tables[i]));
			return TABLE_TRY_AGAIN;
		}
	}
	return TABLE_FOUND;
}

static bool
has_compound_changed(const void *state)
{
	const struct compound *compound = state;

	for (size_t i = 0; i < compound->count; i++)
		if (table_has_changed(compound->tables[i]))
			return true;
	return false;
}

static unsigned
compound_traits(const void *state)
{
	const struct compound *compound = state;
	unsigned traits = 0;

	for (size_t i = 0; i < compound->count; i++)
		traits |= table_traits(compound->tables[i]);
	return traits;
}

const struct table_kind table_compound_union = {
    .name = "unionmap",
    .traits = TABLE_RAW_KEY,
    .open = open_compound,
    .get = get_union,
    .has_changed = has_compound_changed,
    .traits_of = compound_traits,
    .close = close_compound,
};

const struct table_kind table_compound_pipe = {
    .name = "pipemap",
    .traits = TABLE_RAW_KEY,
    .open = open_compound,
    .get = get_pipe,
    .has_changed = has_compound_changed,
    .traits_of = compound_traits,
    .close = close_compound,
};

struct choice {
	char *text; /* what is in the braces */
	size_t count;
};

static void
close_choice(void *state)
{
	struct choice *choice = state;

	free(choice->text);
	free(choice);
}

static void *
open_choice(const char *argument, const struct table_options *options UNUSED,
    struct error *error)
{
	struct choice *choice;
	struct span inside;
	struct span rest;
	struct span word;
	size_t count = 0;

	if (word_list_group(span_trim(span_text(argument)), &inside))
		for (rest = inside; word_list_next(&rest, &word);)
			count++;
	if (count == 0) {
		error_set(error, ERROR_INVALID, "expected {value, value, ...}");
		return NULL;
	}
	choice = memory_zero(sizeof *choice);
	choice->text = memory_copy(inside);
	choice->count = count;
	return choice;
}

static enum table_result
get_choice(void *state, struct span key UNUSED, struct buf *value,
    struct error *error UNUSED)
{
	const struct choice *choice = state;
	struct span rest = span_text(choice->text);
	struct span word = SPAN_EMPTY;
	struct span inside;

	for (uint64_t skip = random_below(choice->count) + 1; skip > 0; skip--)
		must(word_list_next(&rest, &word));
	if (word_list_group(word, &inside))
		word = inside;
	(void)buf_append_span(value, word);
	return TABLE_FOUND;
}

const struct table_kind table_compound_random = {
    .name = "randmap",
    .traits = TABLE_RAW_KEY | TABLE_WHOLE_KEY,
    .open = open_choice,
    .get = get_choice,
    .close = close_choice,
};
