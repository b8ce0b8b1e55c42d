/* SPDX-License-Identifier: MIT */
/* lmdb:/file: LMDB files, ours or those of another mail system. As with
 * Berkeley DB (table_db.c) a get holds a shared lock, and counts only if the
 * file was the same before and after. */
#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/table/file_identity.h"
#include "lib/table/file_lock.h"
#include "lib/table/lmdb_handle.h"
#include "lib/table/table_kind.h"

enum {
	ATTEMPTS = 3
};

/* One opened file. */
struct lmdb_file {
	struct lmdb_handle handle;
	int fd; /* the same file, for locks and fstat */
	struct file_identity identity;
};

struct lmdb_table {
	char *path;
	struct lmdb_file file;
	struct file_identity first; /* what the owner of the table opened */
};

static void
close_file(struct lmdb_file *file)
{
	/* There is nothing to write that could fail. */
	(void)lmdb_handle_close(&file->handle, NULL);
	io_close(&file->fd);
}

/* On success the file is open and its shared lock held. */
static bool
open_file(const char *path, struct lmdb_file *file, struct error *error)
{
	*file = (struct lmdb_file){.fd = open(path, O_RDONLY | O_CLOEXEC)};
	if (file->fd < 0)
		return error_system(error, "open %s", path);
	if (file_lock_shared(file->fd, error)) {
		if (!file_identity_of_fd(file->fd, &file->identity))
			error_system(error, "stat %s", path);
		else if (lmdb_handle_open(&file->handle, path, false, error)) {
			/* The library opens by path. */
			if (!file_identity_is_replaced(&file->identity, path))
				return true;
			error_set(error, ERROR_TEMPORARY,
			    "the file was replaced while it was opened");
		}
	}
	close_file(file);
	return false;
}

static bool
is_stale(const struct lmdb_table *table)
{
	struct file_identity now;

	return !file_identity_of_fd(table->file.fd, &now) ||
	    !file_identity_equal(&now, &table->file.identity) ||
	    file_identity_is_replaced(&table->file.identity, table->path);
}

/* Makes sure that the newest file is open and its shared lock held. */
static bool
refresh(struct lmdb_table *table, struct error *error)
{
	struct lmdb_file newer;

	if (!file_lock_shared(table->file.fd, error))
		return false;
	if (!is_stale(table))
		return true;
	file_lock_release(table->file.fd);
	if (!open_file(table->path, &newer, error))
		return false;
	close_file(&table->file);
	table->file = newer;
	return true;
}

static int
read_record(
    MDB_txn *transaction, MDB_dbi dbi, struct span key, struct buf *value)
{
	/* The library takes a pointer it does not write through. */
	MDB_val name = {key.len, (void *)(uintptr_t)key.at};
	MDB_val found;
	int number = mdb_get(transaction, dbi, &name, &found);
	struct span bytes;

	if (number != 0)
		return number;
	bytes = span_of(found.mv_data, found.mv_size);
	if (bytes.len > 0 && bytes.at[bytes.len - 1] == '\0')
		bytes.len--;
	(void)buf_append_span(value, bytes);
	return 0;
}

/* Keys have a NUL at their end, or not; one that is too long for the library is
 * not in the file. */
static enum table_result
look_up(const struct lmdb_handle *handle, struct span key, struct buf *value,
    struct error *error)
{
	MDB_txn *transaction;
	int number =
	    mdb_txn_begin(handle->environment, NULL, MDB_RDONLY, &transaction);

	if (number == 0) {
		number = read_record(transaction, handle->dbi, key, value);
		if (number == MDB_NOTFOUND)
			number = read_record(transaction, handle->dbi,
			    span_of(key.at, key.len + 1), value);
		mdb_txn_abort(transaction);
	}
	if (number == 0)
		return TABLE_FOUND;
	if (number == MDB_NOTFOUND || number == MDB_BAD_VALSIZE)
		return TABLE_NOT_FOUND;
	lmdb_handle_error(error, number, "get");
	return TABLE_TRY_AGAIN;
}

static enum table_result
get_lmdb(void *state, struct span key, struct buf *value, struct error *error)
{
	struct lmdb_table *table = state;

	for (int i = 0; i < ATTEMPTS; i++) {
		enum table_result result;
		bool stale;

		buf_clear(value);
		if (!refresh(table, error))
			return TABLE_TRY_AGAIN;
		result = look_up(&table->file.handle, key, value, error);
		stale = is_stale(table);
		file_lock_release(table->file.fd);
		if (!stale)
			return result;
	}
	error_set(error, ERROR_TEMPORARY, "the file keeps changing");
	return TABLE_TRY_AGAIN;
}

static bool
walk_records(const struct lmdb_handle *handle,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error)
{
	MDB_txn *transaction;
	MDB_cursor *cursor;
	MDB_val key;
	MDB_val value;
	bool going = true;
	int number =
	    mdb_txn_begin(handle->environment, NULL, MDB_RDONLY, &transaction);

	if (number != 0)
		return lmdb_handle_error(error, number, "list");
	number = mdb_cursor_open(transaction, handle->dbi, &cursor);
	if (number != 0) {
		mdb_txn_abort(transaction);
		return lmdb_handle_error(error, number, "list");
	}
	while (going && number == 0) {
		number = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
		if (number == 0)
			going = visit(owner, span_of(key.mv_data, key.mv_size),
			    span_of(value.mv_data, value.mv_size));
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(transaction);
	return going &&
	    (number == MDB_NOTFOUND ||
		lmdb_handle_error(error, number, "list"));
}

static bool
walk_lmdb(void *state,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error)
{
	struct lmdb_table *table = state;
	bool complete;

	if (!refresh(table, error))
		return false;
	complete = walk_records(&table->file.handle, visit, owner, error);
	file_lock_release(table->file.fd);
	return complete;
}

static bool
has_lmdb_changed(const void *state)
{
	const struct lmdb_table *table = state;

	return file_identity_is_replaced(&table->first, table->path);
}

static void
close_lmdb(void *state)
{
	struct lmdb_table *table = state;

	close_file(&table->file);
	free(table->path);
	free(table);
}

static void *
open_lmdb(const char *argument, const struct table_options *options UNUSED,
    struct error *error)
{
	struct lmdb_table *table = memory_zero(sizeof *table);
	struct buf path;

	buf_init(&path, strlen(argument) + 5);
	must(buf_printf(&path, "%s.lmdb", argument));
	table->path = memory_copy(buf_span(&path));
	buf_finish(&path);
	table->file.fd = -1;
	if (!open_file(table->path, &table->file, error)) {
		close_lmdb(table);
		return NULL;
	}
	file_lock_release(table->file.fd);
	table->first = table->file.identity;
	return table;
}

const struct table_kind table_lmdb_kind = {
    .name = "lmdb",
    .open = open_lmdb,
    .get = get_lmdb,
    .walk = walk_lmdb,
    .has_changed = has_lmdb_changed,
    .close = close_lmdb,
};
