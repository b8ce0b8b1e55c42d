/* SPDX-License-Identifier: MIT */
/* Writing the Berkeley DB files of hash: and btree: tables. */
#include "lib/base/memory.h"
#include "lib/table/db_handle.h"
#include "lib/table/table_file.h"

enum {
	CACHE_SIZE = 16 * 1024 * 1024
};

static void *
create(const char *path, DBTYPE type, struct error *error)
{
	const struct db_handle_request request = {
	    .path = path,
	    .type = type,
	    .flags = DB_CREATE | DB_EXCL,
	    .cache = CACHE_SIZE,
	};
	struct db_handle *handle = memory_zero(sizeof *handle);

	if (db_handle_open(handle, &request, error))
		return handle;
	free(handle);
	return NULL;
}

static void *
create_hash(const char *path, struct error *error)
{
	return create(path, DB_HASH, error);
}

static void *
create_btree(const char *path, struct error *error)
{
	return create(path, DB_BTREE, error);
}

static bool
add(void *state, struct span key, struct span value, bool replace,
    bool *duplicate, struct error *error)
{
	const struct db_handle *handle = state;
	DB *db = handle->db;
	/* The library takes pointers it does not write through. */
	DBT name = {
	    .data = (void *)(uintptr_t)key.at, .size = (uint32_t)key.len};
	DBT bytes = {
	    .data = (void *)(uintptr_t)value.at, .size = (uint32_t)value.len};
	int number = db->put(db, NULL, &name, &bytes, DB_NOOVERWRITE);

	*duplicate = number == DB_KEYEXIST;
	if (*duplicate)
		number = replace ? db->put(db, NULL, &name, &bytes, 0) : 0;
	return number == 0 || db_handle_error(error, number, "put");
}

static bool
close_db(void *state, struct error *error)
{
	struct db_handle *handle = state;
	bool closed = db_handle_close(handle, error);

	free(handle);
	return closed;
}

const struct table_file table_file_hash = {
    .type = "hash",
    .suffix = ".db",
    .with_nul = true,
    .create = create_hash,
    .add = add,
    .close = close_db,
};

const struct table_file table_file_btree = {
    .type = "btree",
    .suffix = ".db",
    .with_nul = true,
    .create = create_btree,
    .add = add,
    .close = close_db,
};
