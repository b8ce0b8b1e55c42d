/* SPDX-License-Identifier: MIT */
/* A Berkeley DB file in the making, under a name of its own next to the final
 * one. Owned by whoever created it. */
#ifndef TABLE_DB_WRITER_H
#define TABLE_DB_WRITER_H

#include <sys/stat.h>

#include <db.h>

#include "lib/base/error.h"
#include "lib/base/span.h"

struct db_writer;

/* `path` is the final name. */
struct db_writer *db_writer_create(
    const char *path, DBTYPE type, struct error *error) MUST_USE;

/* Stores the bytes as they are; *duplicate says whether the key was there, in
 * which case nothing is stored. */
bool db_writer_add(struct db_writer *writer, struct span key, struct span value,
    bool *duplicate, struct error *error) MUST_USE;

/* Gives the file the owner (when we may) and the permissions of `like`, makes
 * it durable and puts it in its place. The writer is gone in any case; on
 * failure nothing has changed, unless only the directory could not be synced.
 */
bool db_writer_commit(struct db_writer *writer, const struct stat *like,
    struct error *error) MUST_USE;
/* Leaves nothing behind. NULL is allowed. */
void db_writer_abort(struct db_writer *writer);

#endif
