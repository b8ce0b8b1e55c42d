/* SPDX-License-Identifier: MIT */
/* The local users: those of the system, or the passwd(5) lines of a file in an
 * instance that belongs to one user. Blocks: only lookup and commands ask. */
#ifndef TABLE_USER_DATABASE_H
#define TABLE_USER_DATABASE_H

#include <sys/types.h>

#include "lib/base/pool.h"
#include "lib/table/table.h"

struct user {
	const char *name;
	uid_t uid;
	gid_t gid;
	const char *full_name; /* the whole comment field */
	const char *home;
	const char *shell;
};

enum {
	USER_DATABASE_MAXIMUM = 1024 * 1024 /* bytes, of a file */
};

/* Fills *user, whose texts live in `pool`. `path` NULL asks the system. Names
 * are compared as they are. */
enum table_result user_database_find(const char *path, struct pool *pool,
    struct span name, struct user *user, struct error *error) MUST_USE;
enum table_result user_database_find_uid(const char *path, struct pool *pool,
    uid_t uid, struct user *user, struct error *error) MUST_USE;

#endif
