/* SPDX-License-Identifier: MIT */
#include "lib/table/query_source.h"

#include <inttypes.h>

#include "lib/base/hash.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"
#include "lib/param/word_list.h"
#include "lib/table/map_source.h"
#include "lib/table/text_file.h"

struct span
query_source_value(const struct query_source *source, const char *name)
{
	const struct span *value = hash_get(source->values, span_text(name));

	return value == NULL ? SPAN_EMPTY : *value;
}

void
query_source_free(struct query_source *source)
{
	if (source == NULL)
		return;
	hash_destroy(source->values);
	pool_destroy(source->pool);
	free(source->path);
	free(source);
}

static void
take_setting(struct query_source *source, struct span line)
{
	struct span *copy = pool_alloc_fitting(source->pool, sizeof *copy);
	struct span name;
	struct span value;

	(void)span_split(line, '=', &name, &value);
	must(pool_copy_span(source->pool, span_trim(value), copy));
	hash_put(source->values, span_trim(name), copy);
}

static void
read_settings(struct query_source *source, struct span text,
    const struct table_options *options)
{
	struct map_source lines;
	struct error error;
	enum map_source_result result;

	map_source_init(&lines, source->path, text);
	do {
		struct span line;

		result = map_source_take_line(&lines, &error);
		line = buf_span(&lines.line);
		if (result == MAP_SOURCE_ENTRY &&
		    span_find(line, '=') == line.len)
			result = map_source_refuse(
			    &lines, &error, "expected name = value");
		if (result == MAP_SOURCE_ENTRY)
			take_setting(source, line);
		else if (result == MAP_SOURCE_BAD)
			warnings_add(options->warnings, "%s", error.text);
	} while (result != MAP_SOURCE_END);
	map_source_finish(&lines);
}

/* The way it was said before there was `query`. */
static bool
compose_query(struct query_source *source)
{
	struct span table = query_source_value(source, "table");
	struct span selected = query_source_value(source, "select_field");
	struct span where = query_source_value(source, "where_field");
	struct span more = query_source_value(source, "additional_conditions");
	char *text;

	if (table.len == 0 || selected.len == 0 || where.len == 0)
		return false;
	text = pool_printf(source->pool,
	    "SELECT %.*s FROM %.*s WHERE %.*s='%%s' %.*s", SPAN_ARGS(selected),
	    SPAN_ARGS(table), SPAN_ARGS(where), SPAN_ARGS(more));
	must(text != NULL);
	source->query = span_text(text);
	return true;
}

static bool
check_template(
    struct span text, const char *name, bool has_value, struct error *error)
{
	const struct query_values values = {
	    .key = SPAN("a@b.c.d.e.f.g.h.i.j"),
	    .value = SPAN("a@b"),
	    .has_value = has_value,
	};
	struct buf out;
	bool good;

	buf_init(&out, LOGICAL_LINE_MAXIMUM);
	good = query_template_expand(text, &values, NULL, &out) ==
	    QUERY_TEMPLATE_DONE;
	buf_finish(&out);
	return good ||
	    error_set(error, ERROR_INVALID,
		"%s: expected %%s, %%u, %%d, %%1 to %%9 or %%%% behind a "
		"percent sign",
		name);
}

static bool
take_common(struct query_source *source, struct error *error)
{
	struct span limit = query_source_value(source, "expansion_limit");

	source->query = query_source_value(source, "query");
	source->result_format = query_source_value(source, "result_format");
	source->domains = query_source_value(source, "domain");
	if (source->query.len == 0 && !compose_query(source))
		return error_set(error, ERROR_INVALID,
		    "expected query, or table, select_field and where_field");
	if (source->result_format.len == 0)
		source->result_format = SPAN("%s");
	if (limit.len > 0 &&
	    !number_parse(limit, INT32_MAX, &source->expansion_limit))
		return error_set(
		    error, ERROR_INVALID, "expansion_limit: expected a number");
	return check_template(source->query, "query", false, error) &&
	    check_template(source->result_format, "result_format", true, error);
}

struct query_source *
query_source_read(
    const char *path, const struct table_options *options, struct error *error)
{
	struct query_source *source = memory_zero(sizeof *source);
	struct buf text;
	bool complete;

	source->path = memory_copy(span_text(path));
	source->pool = pool_create(NULL, "query", POOL_NO_MAXIMUM);
	source->values = hash_create();
	buf_init(&text, LOGICAL_LINE_MAXIMUM);
	complete = text_file_read(path, &text, &source->identity, error);
	if (complete) {
		read_settings(source, buf_span(&text), options);
		complete = take_common(source, error) ||
		    error_prefix(error, "%s", path);
	}
	buf_finish(&text);
	if (complete)
		return source;
	query_source_free(source);
	return NULL;
}

/* With `domain` set only addresses in these domains are asked for. */
static bool
is_asked_for(const struct query_source *source, struct span key)
{
	size_t at = span_find_last(key, '@');

	if (source->domains.len == 0)
		return true;
	return at < key.len &&
	    word_list_has(source->domains, span_skip(key, at + 1));
}

enum table_result
query_source_ask(const struct query_source *source, struct span key,
    void (*quote)(struct buf *out, struct span part), struct buf *query,
    struct error *error)
{
	const struct query_values values = {.key = key};

	if (!is_asked_for(source, key))
		return TABLE_NOT_FOUND;
	switch (query_template_expand(source->query, &values, quote, query)) {
	case QUERY_TEMPLATE_DONE:
		return TABLE_FOUND;
	case QUERY_TEMPLATE_NOTHING:
		return TABLE_NOT_FOUND;
	case QUERY_TEMPLATE_BAD:
		break;
	}
	error_set(error, ERROR_LIMIT, "the query is too long");
	return TABLE_TRY_AGAIN;
}

bool
query_source_add(const struct query_source *source, struct span key,
    struct span value, uint64_t *count, struct buf *result, struct error *error)
{
	const struct query_values values = {
	    .key = key, .value = value, .has_value = true};
	size_t before = result->len;
	enum query_template_result expanded;

	if (value.len == 0)
		return true;
	if (*count > 0)
		(void)buf_append_byte(result, ',');
	expanded =
	    query_template_expand(source->result_format, &values, NULL, result);
	if (expanded == QUERY_TEMPLATE_BAD)
		return error_set(error, ERROR_LIMIT, "the values are too long");
	if (expanded == QUERY_TEMPLATE_NOTHING) {
		buf_shorten(result, result->len - before);
		return true;
	}
	++*count;
	return source->expansion_limit == 0 ||
	    *count <= source->expansion_limit ||
	    error_set(error, ERROR_LIMIT,
		"more than %" PRIu64 " values (expansion_limit)",
		source->expansion_limit);
}
