/* SPDX-License-Identifier: MIT */
#include "lib/table/db_handle.h"

#include <sys/stat.h>

#include <errno.h>

#include "lib/base/memory.h"

enum {
	FILE_MODE = 0600
};

/* Without a callback the library prints to standard error. */
static void
ignore_message(const DB_ENV *environment UNUSED, const char *prefix UNUSED,
    const char *message UNUSED)
{
}

/* A group may write where the owner is no more than a user who chose that;
 * in root's directories only root may. */
static bool
is_writable_by_strangers(const struct stat *directory)
{
	if ((directory->st_mode & S_IWOTH) != 0)
		return true;
	return (directory->st_mode & S_IWGRP) != 0 && directory->st_uid == 0 &&
	    directory->st_gid != 0;
}

static bool
check_directory(const char *path, struct error *error)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return error_system(error, "stat %s", path);
	if (is_writable_by_strangers(&status))
		return error_set(error, ERROR_INVALID,
		    "the directory %s is writable by others", path);
	return true;
}

bool
db_handle_error(struct error *error, int number, const char *action)
{
	if (number > 0) {
		errno = number;
		return error_system(error, "%s", action);
	}
	return error_set(
	    error, ERROR_TEMPORARY, "%s: %s", action, db_strerror(number));
}

static int
open_environment(struct db_handle *handle, const char *home, uint32_t cache)
{
	DB_ENV *environment;
	int number = db_env_create(&environment, 0);

	if (number != 0)
		return number;
	handle->environment = environment;
	environment->set_errcall(environment, ignore_message);
	number = environment->set_cachesize(environment, 0, cache, 1);
	if (number != 0)
		return number;
	return environment->open(environment, home,
	    DB_CREATE | DB_INIT_MPOOL | DB_PRIVATE, FILE_MODE);
}

static int
open_file(struct db_handle *handle, const struct db_handle_request *request,
    const char *name)
{
	DB *db;
	int number = db_create(&db, handle->environment, 0);

	if (number != 0)
		return number;
	handle->db = db;
	return db->open(
	    db, NULL, name, NULL, request->type, request->flags, FILE_MODE);
}

static bool
open_both(struct db_handle *handle, const struct db_handle_request *request,
    const char *home, const char *name, struct error *error)
{
	int number;

	if (!check_directory(home, error))
		return false;
	number = open_environment(handle, home, request->cache);
	if (number != 0)
		return db_handle_error(error, number, home);
	number = open_file(handle, request, name);
	if (number == EINVAL)
		return error_set(error, ERROR_TEMPORARY,
		    "%s: no Berkeley DB file, or one of another type",
		    request->path);
	if (number != 0)
		return db_handle_error(error, number, request->path);
	return true;
}

bool
db_handle_open(struct db_handle *handle,
    const struct db_handle_request *request, struct error *error)
{
	struct span path = span_text(request->path);
	size_t slash = span_find_last(path, '/');
	char *home;
	bool opened;

	*handle = (struct db_handle){NULL, NULL};
	if (slash == path.len) {
		opened = open_both(handle, request, ".", path.at, error);
	} else {
		home = memory_copy(span_head(path, slash > 0 ? slash : 1));
		opened = open_both(
		    handle, request, home, path.at + slash + 1, error);
		free(home);
	}
	if (!opened)
		db_handle_close(handle, NULL);
	return opened;
}

bool
db_handle_close(struct db_handle *handle, struct error *error)
{
	int number = 0;

	if (handle->db != NULL)
		number = handle->db->close(handle->db, 0);
	if (handle->environment != NULL) {
		int ended = handle->environment->close(handle->environment, 0);

		number = number != 0 ? number : ended;
	}
	*handle = (struct db_handle){NULL, NULL};
	return number == 0 || db_handle_error(error, number, "close");
}
