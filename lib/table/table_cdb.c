/* SPDX-License-Identifier: MIT */
/* cdb:/file: constant databases, which are replaced and not rewritten; one that
 * is rewritten all the same is noticed. */
#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/table/cdb_file.h"
#include "lib/table/file_identity.h"
#include "lib/table/table_kind.h"

struct cdb_table {
	char *path;
	int fd;
	struct file_identity identity;
};

static void
close_cdb(void *state)
{
	struct cdb_table *table = state;

	io_close(&table->fd);
	free(table->path);
	free(table);
}

static void *
open_cdb(const char *argument, const struct table_options *options UNUSED,
    struct error *error)
{
	struct cdb_table *table = memory_zero(sizeof *table);
	struct buf path;
	struct buf value;
	bool opened = false;

	buf_init(&path, strlen(argument) + 4);
	must(buf_printf(&path, "%s.cdb", argument));
	table->path = memory_copy(buf_span(&path));
	buf_finish(&path);
	buf_init(&value, 0);
	table->fd = open(table->path, O_RDONLY | O_CLOEXEC);
	if (table->fd < 0 || !file_identity_of_fd(table->fd, &table->identity))
		error_system(error, "open %s", table->path);
	else
		/* What is no such file shows at the first key. */
		opened = cdb_file_get(table->fd, SPAN_EMPTY, &value, error) !=
		    TABLE_TRY_AGAIN;
	buf_finish(&value);
	if (opened)
		return table;
	close_cdb(table);
	return NULL;
}

/* Keys have a NUL at their end, or not. */
static enum table_result
look_up(int fd, struct span key, struct buf *value, struct error *error)
{
	enum table_result result = cdb_file_get(fd, key, value, error);

	if (result == TABLE_NOT_FOUND)
		result = cdb_file_get(
		    fd, span_of(key.at, key.len + 1), value, error);
	if (result == TABLE_FOUND && value->len > 0 &&
	    value->at[value->len - 1] == '\0')
		buf_shorten(value, 1);
	return result;
}

static enum table_result
get_cdb(void *state, struct span key, struct buf *value, struct error *error)
{
	const struct cdb_table *table = state;
	enum table_result result = look_up(table->fd, key, value, error);
	struct file_identity now;

	if (file_identity_of_fd(table->fd, &now) &&
	    file_identity_equal(&now, &table->identity))
		return result;
	error_set(error, ERROR_TEMPORARY, "the file is being rewritten");
	return TABLE_TRY_AGAIN;
}

static bool
walk_cdb(void *state,
    bool (*visit)(void *owner, struct span key, struct span value), void *owner,
    struct error *error)
{
	const struct cdb_table *table = state;

	return cdb_file_walk(table->fd, visit, owner, error);
}

static bool
has_cdb_changed(const void *state)
{
	const struct cdb_table *table = state;

	return file_identity_is_replaced(&table->identity, table->path);
}

const struct table_kind table_cdb_kind = {
    .name = "cdb",
    .open = open_cdb,
    .get = get_cdb,
    .walk = walk_cdb,
    .has_changed = has_cdb_changed,
    .close = close_cdb,
};
