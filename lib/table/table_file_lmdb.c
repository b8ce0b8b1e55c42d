/* SPDX-License-Identifier: MIT */
/* Writing the files of lmdb: tables, all in one transaction. */
#include "lib/base/memory.h"
#include "lib/table/lmdb_handle.h"
#include "lib/table/table_file.h"

static void *
create_lmdb(const char *path, struct error *error)
{
	struct lmdb_handle *handle = memory_zero(sizeof *handle);

	if (lmdb_handle_open(handle, path, true, error))
		return handle;
	free(handle);
	return NULL;
}

static bool
add_lmdb(void *state, struct span key, struct span value, bool replace,
    bool *duplicate, struct error *error)
{
	const struct lmdb_handle *handle = state;
	/* The library takes pointers it does not write through. */
	MDB_val name = {key.len, (void *)(uintptr_t)key.at};
	MDB_val bytes = {value.len, (void *)(uintptr_t)value.at};
	int number = mdb_put(
	    handle->transaction, handle->dbi, &name, &bytes, MDB_NOOVERWRITE);

	*duplicate = number == MDB_KEYEXIST;
	if (*duplicate) {
		bytes = (MDB_val){value.len, (void *)(uintptr_t)value.at};
		number = replace ? mdb_put(handle->transaction, handle->dbi,
				       &name, &bytes, 0)
				 : 0;
	}
	return number == 0 || lmdb_handle_error(error, number, "put");
}

static bool
close_lmdb(void *state, struct error *error)
{
	struct lmdb_handle *handle = state;
	bool closed = lmdb_handle_close(handle, error);

	free(handle);
	return closed;
}

const struct table_file table_file_lmdb = {
    .type = "lmdb",
    .suffix = ".lmdb",
    .create = create_lmdb,
    .add = add_lmdb,
    .close = close_lmdb,
};
