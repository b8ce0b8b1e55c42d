/* SPDX-License-Identifier: MIT */
/* unix:passwd.byname: a user's passwd(5) line by name. */
#include "lib/base/memory.h"
#include "lib/table/table_kind.h"
#include "lib/table/user_database.h"

struct passwd_table {
	const char *path; /* NULL: the system's users */
};

enum {
	ENTRY_MAXIMUM = 16384
};

static void *
open_passwd(const char *argument, const struct table_options *options,
    struct error *error)
{
	struct passwd_table *table;

	if (strcmp(argument, "passwd.byname") != 0) {
		error_set(error, ERROR_INVALID,
		    "expected passwd.byname behind \"unix:\"");
		return NULL;
	}
	table = memory_zero(sizeof *table);
	table->path = options->passwd_path;
	return table;
}

static enum table_result
get_passwd(void *state, struct span key, struct buf *value, struct error *error)
{
	const struct passwd_table *table = state;
	struct pool *pool = pool_create(NULL, "user", ENTRY_MAXIMUM);
	struct user user;
	enum table_result result =
	    user_database_find(table->path, pool, key, &user, error);

	if (result == TABLE_FOUND)
		(void)buf_printf(value, "%s:x:%u:%u:%s:%s:%s", user.name,
		    user.uid, user.gid, user.full_name, user.home, user.shell);
	pool_destroy(pool);
	return result;
}

const struct table_kind table_passwd_kind = {
    .name = "unix",
    .open = open_passwd,
    .get = get_passwd,
    .close = free,
};
