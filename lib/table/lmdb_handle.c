/* SPDX-License-Identifier: MIT */
#include "lib/table/lmdb_handle.h"

#include <errno.h>

enum {
	FILE_MODE = 0600
};

/* Of address space, not of memory or disk. */
#define MAP_MAXIMUM (sizeof(void *) > 4 ? (size_t)1 << 36 : (size_t)1 << 29)

bool
lmdb_handle_error(struct error *error, int number, const char *action)
{
	if (number > 0) {
		errno = number;
		return error_system(error, "%s", action);
	}
	return error_set(
	    error, ERROR_TEMPORARY, "%s: %s", action, mdb_strerror(number));
}

static int
open_environment(struct lmdb_handle *handle, const char *path, bool for_writing)
{
	const unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS;
	int number = mdb_env_create(&handle->environment);

	if (number == 0 && for_writing)
		number = mdb_env_set_mapsize(handle->environment, MAP_MAXIMUM);
	if (number != 0)
		return number;
	return mdb_env_open(handle->environment, path,
	    flags | (for_writing ? MDB_NOSYNC : MDB_RDONLY), FILE_MODE);
}

bool
lmdb_handle_open(struct lmdb_handle *handle, const char *path, bool for_writing,
    struct error *error)
{
	int number;

	*handle = (struct lmdb_handle){.environment = NULL};
	number = open_environment(handle, path, for_writing);
	if (number == 0)
		number = mdb_txn_begin(handle->environment, NULL,
		    for_writing ? 0 : MDB_RDONLY, &handle->transaction);
	if (number == 0)
		number =
		    mdb_dbi_open(handle->transaction, NULL, 0, &handle->dbi);
	if (number == 0 && !for_writing) {
		number = mdb_txn_commit(handle->transaction);
		handle->transaction = NULL;
	}
	if (number == 0)
		return true;
	if (handle->transaction != NULL)
		mdb_txn_abort(handle->transaction);
	handle->transaction = NULL;
	(void)lmdb_handle_close(handle, NULL);
	return lmdb_handle_error(error, number, path);
}

bool
lmdb_handle_close(struct lmdb_handle *handle, struct error *error)
{
	int number = 0;

	if (handle->transaction != NULL)
		number = mdb_txn_commit(handle->transaction);
	if (handle->environment != NULL)
		mdb_env_close(handle->environment);
	*handle = (struct lmdb_handle){.environment = NULL};
	return number == 0 || lmdb_handle_error(error, number, "commit");
}
