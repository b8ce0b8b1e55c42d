/* SPDX-License-Identifier: MIT */
/* sqlite:/file: the file says which database is asked what. */
#include <sqlite3.h>

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/table/query_source.h"
#include "lib/table/table_kind.h"

enum {
	QUERY_MAXIMUM = 1024 * 1024, /* bytes */
	TIMEOUT = 10000,             /* milliseconds */
	STEPS = 10000 /* of the library between two looks at the clock */
};

struct sqlite_table {
	struct query_source *source;
	char *path;  /* of the database */
	sqlite3 *db; /* NULL: not open */
	int64_t timeout;
	int64_t deadline; /* of the query in hand */
	struct buf query;
};

static int
is_too_late(void *argument)
{
	const struct sqlite_table *table = argument;

	return clock_monotonic() >= table->deadline;
}

static void
close_sqlite(void *state)
{
	struct sqlite_table *table = state;

	/* Read only, and no statement is open. */
	(void)sqlite3_close(table->db);
	query_source_free(table->source);
	buf_finish(&table->query);
	free(table->path);
	free(table);
}

static bool
fail(struct sqlite_table *table, struct error *error)
{
	return error_set(error, ERROR_TEMPORARY, "%s: %s", table->path,
	    sqlite3_errmsg(table->db));
}

static bool
connect_sqlite(struct sqlite_table *table, struct error *error)
{
	if (table->db != NULL)
		return true;
	if (sqlite3_open_v2(table->path, &table->db,
		SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
		NULL) == SQLITE_OK) {
		sqlite3_progress_handler(table->db, STEPS, is_too_late, table);
		(void)sqlite3_busy_timeout(table->db, (int)table->timeout / 2);
		return true;
	}
	fail(table, error);
	(void)sqlite3_close(table->db);
	table->db = NULL;
	return false;
}

static void *
open_sqlite(const char *argument, const struct table_options *options,
    struct error *error)
{
	struct query_source *source =
	    query_source_read(argument, options, error);
	struct sqlite_table *table;
	struct span path;

	if (source == NULL)
		return NULL;
	path = query_source_value(source, "dbpath");
	if (path.len == 0) {
		error_set(error, ERROR_INVALID, "expected dbpath");
		query_source_free(source);
		return NULL;
	}
	table = memory_zero(sizeof *table);
	table->source = source;
	table->path = memory_copy(path);
	table->timeout = options->timeout > 0 ? options->timeout : TIMEOUT;
	buf_init(&table->query, QUERY_MAXIMUM);
	if (connect_sqlite(table, error))
		return table;
	close_sqlite(table);
	return NULL;
}

/* Within '...' a quote is doubled. */
static void
quote(struct buf *out, struct span part)
{
	for (size_t i = 0; i < part.len; i++) {
		if (part.at[i] == '\'')
			(void)buf_append_byte(out, '\'');
		(void)buf_append_byte(out, part.at[i]);
	}
}

static bool
add_row(struct sqlite_table *table, sqlite3_stmt *statement, struct span key,
    uint64_t *count, struct buf *value, struct error *error)
{
	int columns = sqlite3_column_count(statement);

	for (int i = 0; i < columns; i++) {
		const void *text = sqlite3_column_text(statement, i);
		struct span column =
		    span_of(text, (size_t)sqlite3_column_bytes(statement, i));

		if (text != NULL &&
		    !query_source_add(
			table->source, key, column, count, value, error))
			return false;
	}
	return true;
}

static enum table_result
read_rows(struct sqlite_table *table, sqlite3_stmt *statement, struct span key,
    struct buf *value, struct error *error)
{
	uint64_t count = 0;
	int number;

	while ((number = sqlite3_step(statement)) == SQLITE_ROW)
		if (!add_row(table, statement, key, &count, value, error))
			return TABLE_TRY_AGAIN;
	if (number != SQLITE_DONE) {
		fail(table, error);
		return TABLE_TRY_AGAIN;
	}
	return count > 0 ? TABLE_FOUND : TABLE_NOT_FOUND;
}

static enum table_result
get_sqlite(void *state, struct span key, struct buf *value, struct error *error)
{
	struct sqlite_table *table = state;
	sqlite3_stmt *statement;
	enum table_result result;

	buf_clear(&table->query);
	result =
	    query_source_ask(table->source, key, quote, &table->query, error);
	if (result != TABLE_FOUND)
		return result;
	table->deadline = clock_monotonic() + table->timeout;
	if (sqlite3_prepare_v2(table->db, table->query.at,
		(int)table->query.len + 1, &statement, NULL) != SQLITE_OK ||
	    statement == NULL) {
		fail(table, error);
		return TABLE_TRY_AGAIN;
	}
	result = read_rows(table, statement, key, value, error);
	(void)sqlite3_finalize(statement);
	return result;
}

static bool
has_sqlite_changed(const void *state)
{
	const struct sqlite_table *table = state;

	return file_identity_is_replaced(
	    &table->source->identity, table->source->path);
}

const struct table_kind table_sqlite_kind = {
    .name = "sqlite",
    .traits = TABLE_BLOCKS,
    .open = open_sqlite,
    .get = get_sqlite,
    .has_changed = has_sqlite_changed,
    .close = close_sqlite,
};
