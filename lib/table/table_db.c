/* SPDX-License-Identifier: MIT */
/* hash:/file and btree:/file: Berkeley DB files as postmap and postalias make
 * them, ours or those of another mail system. Ours are replaced as a whole;
 * others rewrite them in place under a lock, and the library notices
 * nothing: so every get holds a shared lock, and its answer counts only if the
 * file was the same before and after. */
#include <fcntl.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/table/db_handle.h"
#include "lib/table/file_identity.h"
#include "lib/table/file_lock.h"
#include "lib/table/table_kind.h"

enum {
	CACHE_SIZE = 256 * 1024,
	ATTEMPTS = 3,
	SETTLED = CLOCK_SECOND / 10 /* older than the steps of file times */
};

/* Whether keys and values in the file have a NUL at their end: learned from
 * the first key that is found. */
enum key_form {
	KEY_FORM_UNKNOWN,
	KEY_FORM_WITH_NUL,
	KEY_FORM_WITHOUT_NUL
};

/* One opened file. */
struct db_file {
	struct db_handle handle;
	int fd; /* the same file, for locks and fstat */
	struct file_identity identity;
	/* It was old enough when it was opened: had it been changed since, its
	 * time would tell. */
	bool is_settled;
	enum key_form form;
};

struct db_table {
	char *path;
	DBTYPE type;
	struct db_file file;
	struct file_identity first; /* what the owner of the table opened */
};

static void
close_file(struct db_file *file)
{
	/* Opened for reading only: there is nothing to write that could fail.
	 */
	(void)db_handle_close(&file->handle, NULL);
	io_close(&file->fd);
}

static bool
is_settled(const struct file_identity *identity)
{
	int64_t modified = (int64_t)identity->modified.tv_sec * CLOCK_SECOND +
	    identity->modified.tv_nsec / 1000;

	return clock_wall() - modified > SETTLED;
}

/* The library opens by path: the path must still lead to what is locked. */
static bool
open_locked(
    const struct db_table *table, struct db_file *file, struct error *error)
{
	const struct db_handle_request request = {
	    .path = table->path,
	    .type = table->type,
	    .flags = DB_RDONLY | DB_NOMMAP,
	    .cache = CACHE_SIZE,
	};

	if (!file_identity_of_fd(file->fd, &file->identity))
		return error_system(error, "stat");
	if (!db_handle_open(&file->handle, &request, error))
		return false;
	file->is_settled = is_settled(&file->identity);
	if (file_identity_is_replaced(&file->identity, table->path))
		return error_set(error, ERROR_TEMPORARY,
		    "the file was replaced while it was opened");
	return true;
}

/* On success the file is open and its shared lock held. */
static bool
open_file(
    const struct db_table *table, struct db_file *file, struct error *error)
{
	*file = (struct db_file){.fd = open(table->path, O_RDONLY | O_CLOEXEC)};
	if (file->fd < 0)
		return error_system(error, "open %s", table->path);
	if (file_lock_shared(file->fd, error) &&
	    open_locked(table, file, error))
		return true;
	close_file(file);
	return false;
}

static bool
is_stale(const struct db_table *table)
{
	struct file_identity now;

	return !file_identity_of_fd(table->file.fd, &now) ||
	    !file_identity_equal(&now, &table->file.identity) ||
	    file_identity_is_replaced(&table->file.identity, table->path);
}

static bool
has_vanished(const struct db_table *table)
{
	struct file_identity now;

	return !file_identity_of_path(table->path, &now);
}

static int
read_record(const struct db_file *file, struct span key, bool with_nul,
    struct buf *value)
{
	DB *db = file->handle.db;
	/* The library takes a pointer it does not write through. */
	DBT name = {.data = (void *)(uintptr_t)key.at,
	    .size = (uint32_t)(key.len + (with_nul ? 1 : 0))};
	DBT found = {.data = NULL};
	int number = db->get(db, NULL, &name, &found, 0);
	struct span bytes = span_of(found.data, found.size);

	if (number != 0)
		return number;
	if (bytes.len > 0 && bytes.at[bytes.len - 1] == '\0')
		bytes.len--;
	buf_clear(value);
	(void)buf_append_span(value, bytes);
	return 0;
}

static enum table_result
look_up(struct db_file *file, struct span key, struct buf *value,
    struct error *error)
{
	int number = DB_NOTFOUND;

	if (file->form != KEY_FORM_WITHOUT_NUL) {
		number = read_record(file, key, true, value);
		if (number == 0)
			file->form = KEY_FORM_WITH_NUL;
	}
	if (number == DB_NOTFOUND && file->form != KEY_FORM_WITH_NUL) {
		number = read_record(file, key, false, value);
		if (number == 0)
			file->form = KEY_FORM_WITHOUT_NUL;
	}
	if (number == 0)
		return TABLE_FOUND;
	if (number == DB_NOTFOUND)
		return TABLE_NOT_FOUND;
	db_handle_error(error, number, "get");
	return TABLE_TRY_AGAIN;
}

/* Makes sure that the newest file is open and its shared lock held. */
static bool
refresh(struct db_table *table, struct error *error)
{
	struct db_file newer;

	if (!file_lock_shared(table->file.fd, error))
		return false;
	if (!is_stale(table) && (table->file.is_settled || has_vanished(table)))
		return true;
	file_lock_release(table->file.fd);
	if (!open_file(table, &newer, error))
		return false;
	close_file(&table->file);
	table->file = newer;
	return true;
}

static enum table_result
get_db(void *state, struct span key, struct buf *value, struct error *error)
{
	struct db_table *table = state;

	for (int i = 0; i < ATTEMPTS; i++) {
		enum table_result result;
		bool stale;

		if (!refresh(table, error))
			return TABLE_TRY_AGAIN;
		result = look_up(&table->file, key, value, error);
		stale = is_stale(table);
		file_lock_release(table->file.fd);
		if (!stale)
			return result;
	}
	error_set(error, ERROR_TEMPORARY, "the file keeps changing");
	return TABLE_TRY_AGAIN;
}

static bool
walk_records(const struct db_file *file,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error)
{
	DB *db = file->handle.db;
	DBC *cursor;
	DBT key = {.data = NULL};
	DBT value = {.data = NULL};
	bool going = true;
	int number = db->cursor(db, NULL, &cursor, 0);

	if (number != 0)
		return db_handle_error(error, number, "cursor");
	while (
	    going && (number = cursor->get(cursor, &key, &value, DB_NEXT)) == 0)
		going = visit(owner, span_of(key.data, key.size),
		    span_of(value.data, value.size));
	cursor->close(cursor);
	return going &&
	    (number == DB_NOTFOUND || db_handle_error(error, number, "get"));
}

static bool
walk_db(void *state,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error)
{
	struct db_table *table = state;
	bool complete;

	if (!refresh(table, error))
		return false;
	complete = walk_records(&table->file, visit, owner, error);
	if (complete && is_stale(table))
		complete = error_set(
		    error, ERROR_TEMPORARY, "the file has changed meanwhile");
	file_lock_release(table->file.fd);
	return complete;
}

static bool
has_db_changed(const void *state)
{
	const struct db_table *table = state;

	return file_identity_is_replaced(&table->first, table->path);
}

static void
close_db(void *state)
{
	struct db_table *table = state;

	close_file(&table->file);
	free(table->path);
	free(table);
}

static void *
open_db(const char *argument, DBTYPE type, struct error *error)
{
	struct db_table *table = memory_zero(sizeof *table);
	struct buf path;

	buf_init(&path, strlen(argument) + 4);
	must(buf_printf(&path, "%s.db", argument));
	table->path = memory_copy(buf_span(&path));
	buf_finish(&path);
	table->type = type;
	table->file.fd = -1;
	if (!open_file(table, &table->file, error)) {
		close_db(table);
		return NULL;
	}
	file_lock_release(table->file.fd);
	table->first = table->file.identity;
	return table;
}

static void *
open_hash(const char *argument, const struct table_options *options UNUSED,
    struct error *error)
{
	return open_db(argument, DB_HASH, error);
}

static void *
open_btree(const char *argument, const struct table_options *options UNUSED,
    struct error *error)
{
	return open_db(argument, DB_BTREE, error);
}

const struct table_kind table_db_hash = {
    .name = "hash",
    .open = open_hash,
    .get = get_db,
    .walk = walk_db,
    .has_changed = has_db_changed,
    .close = close_db,
};

const struct table_kind table_db_btree = {
    .name = "btree",
    .open = open_btree,
    .get = get_db,
    .walk = walk_db,
    .has_changed = has_db_changed,
    .close = close_db,
};
