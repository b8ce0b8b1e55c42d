/* SPDX-License-Identifier: MIT */
/* Reads a constant database by descriptor and trusts nothing in it: a file that
 * lies, or shrinks meanwhile, is an error. A value; the descriptor is the
 * caller's. */
#ifndef TABLE_CDB_FILE_H
#define TABLE_CDB_FILE_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/table/table.h"

/* Puts the value of the first record with `key` into *value. */
enum table_result cdb_file_get(
    int fd, struct span key, struct buf *value, struct error *error) MUST_USE;

/* As table_walk. */
bool cdb_file_walk(int fd,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error) MUST_USE;

#endif
