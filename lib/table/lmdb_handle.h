/* SPDX-License-Identifier: MIT */
/* One LMDB file, embedded in its owner. The library locks nothing: we do it on
 * the file itself, as other mail systems do. */
#ifndef TABLE_LMDB_HANDLE_H
#define TABLE_LMDB_HANDLE_H

#include <lmdb.h>

#include "lib/base/error.h"

struct lmdb_handle {
	MDB_env *environment; /* NULL: closed */
	MDB_dbi dbi;
	MDB_txn *transaction; /* of a writer */
};

/* On failure the handle is closed. For writing the file is new. */
bool lmdb_handle_open(struct lmdb_handle *handle, const char *path,
    bool for_writing, struct error *error) MUST_USE;
/* A writer's transaction is committed; false when that failed. The handle is
 * closed all the same. */
bool lmdb_handle_close(struct lmdb_handle *handle, struct error *error);

/* Sets *error from a number that the library returned; false. */
bool lmdb_handle_error(struct error *error, int number, const char *action);

#endif
