/* SPDX-License-Identifier: MIT */
/* Writes the file of a table under a temporary name, makes it durable and puts
 * it in its place. Owned by whoever created it. */
#ifndef TABLE_TABLE_WRITER_H
#define TABLE_TABLE_WRITER_H

#include <sys/stat.h>

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/table/table_file.h"

struct table_writer;

/* `path` is the final name. */
struct table_writer *table_writer_create(const struct table_file *file,
    const char *path, struct error *error) MUST_USE;

/* As add of struct table_file. */
bool table_writer_add(struct table_writer *writer, struct span key,
    struct span value, bool replace, bool *duplicate,
    struct error *error) MUST_USE;

/* Gives the file the owner (when we may) and the permissions of `like`, makes
 * it durable and puts it in its place. The writer is gone in any case; on
 * failure nothing has changed, unless only the directory could not be synced.
 */
bool table_writer_commit(struct table_writer *writer, const struct stat *like,
    struct error *error) MUST_USE;
/* Leaves nothing behind. NULL is allowed. */
void table_writer_abort(struct table_writer *writer);

#endif
