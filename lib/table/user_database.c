/* SPDX-License-Identifier: MIT */
#include "lib/table/user_database.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"

enum {
	SYSTEM_ENTRY_SIZE = 1024,
	SYSTEM_ENTRY_MAXIMUM = 1024 * 1024
};

/* Whom to find: by name, or by uid when the name is NULL. */
struct wanted {
	const char *name;
	uid_t uid;
};

static enum table_result
no_room(struct error *error)
{
	error_set(error, ERROR_LIMIT, "no room for a user's entry");
	return TABLE_TRY_AGAIN;
}

/* Copies the texts of *user, which are on loan, into `pool`. */
static bool
keep_user(struct pool *pool, struct user *user)
{
	const char **const texts[] = {
	    &user->name, &user->full_name, &user->home, &user->shell};

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		*texts[i] = pool_copy(pool, span_text(*texts[i]));
		if (*texts[i] == NULL)
			return false;
	}
	return true;
}

static int
ask_system(const struct wanted *wanted, struct passwd *entry, struct buf *room,
    struct passwd **found)
{
	if (wanted->name == NULL)
		return getpwuid_r(
		    wanted->uid, entry, room->at, room->size, found);
	return getpwnam_r(wanted->name, entry, room->at, room->size, found);
}

/* The error numbers that C libraries return for "no such user". */
static bool
means_absent(int number)
{
	return number == 0 || number == ENOENT || number == ESRCH ||
	    number == EBADF || number == EPERM;
}

static enum table_result
find_in_system(struct pool *pool, const struct wanted *wanted,
    struct user *user, struct error *error)
{
	struct passwd entry;
	struct passwd *found = NULL;
	struct buf room;
	size_t size = SYSTEM_ENTRY_SIZE;
	enum table_result result = TABLE_FOUND;
	int number;

	buf_init(&room, SYSTEM_ENTRY_MAXIMUM);
	do {
		must(buf_reserve(&room, size) != NULL);
		number = ask_system(wanted, &entry, &room, &found);
		size *= 2;
	} while (number == EINTR ||
	    (number == ERANGE && size <= SYSTEM_ENTRY_MAXIMUM));
	if (found != NULL) {
		*user = (struct user){entry.pw_name, entry.pw_uid, entry.pw_gid,
		    entry.pw_gecos, entry.pw_dir, entry.pw_shell};
		if (!keep_user(pool, user))
			result = no_room(error);
	} else if (means_absent(number)) {
		result = TABLE_NOT_FOUND;
	} else {
		errno = number;
		error_system(error, "user database");
		result = TABLE_TRY_AGAIN;
	}
	buf_finish(&room);
	return result;
}

/* name:password:uid:gid:comment:home:shell */
static bool
parse_line(struct span line, struct span fields[7], struct user *user)
{
	uint64_t uid;
	uint64_t gid;

	for (size_t i = 0; i < 7; i++) {
		bool more = span_split(line, ':', &fields[i], &line);

		if (more != (i < 6))
			return false;
	}
	if (fields[0].len == 0 || !number_parse(fields[2], UINT32_MAX, &uid) ||
	    !number_parse(fields[3], UINT32_MAX, &gid))
		return false;
	user->uid = (uid_t)uid;
	user->gid = (gid_t)gid;
	return true;
}

static bool
is_wanted(const struct wanted *wanted, struct span name, uid_t uid)
{
	if (wanted->name == NULL)
		return uid == wanted->uid;
	return span_equal(name, span_text(wanted->name));
}

/* Lines that are no entries are passed over, as the C library does. */
static enum table_result
find_in_text(struct span text, struct pool *pool, const struct wanted *wanted,
    struct user *user, struct error *error)
{
	struct span line;
	struct span fields[7];

	while (text.len > 0) {
		span_split(text, '\n', &line, &text);
		if (!parse_line(line, fields, user) ||
		    !is_wanted(wanted, fields[0], user->uid))
			continue;
		user->name = pool_copy(pool, fields[0]);
		user->full_name = pool_copy(pool, fields[4]);
		user->home = pool_copy(pool, fields[5]);
		user->shell = pool_copy(pool, fields[6]);
		if (user->name == NULL || user->full_name == NULL ||
		    user->home == NULL || user->shell == NULL)
			return no_room(error);
		return TABLE_FOUND;
	}
	return TABLE_NOT_FOUND;
}

static enum table_result
find_in_file(const char *path, struct pool *pool, const struct wanted *wanted,
    struct user *user, struct error *error)
{
	enum table_result result = TABLE_TRY_AGAIN;
	struct buf text;

	buf_init(&text, USER_DATABASE_MAXIMUM);
	if (io_read_file(AT_FDCWD, path, &text, error))
		result =
		    find_in_text(buf_span(&text), pool, wanted, user, error);
	buf_finish(&text);
	return result;
}

static enum table_result
find(const char *path, struct pool *pool, const struct wanted *wanted,
    struct user *user, struct error *error)
{
	if (path == NULL)
		return find_in_system(pool, wanted, user, error);
	return find_in_file(path, pool, wanted, user, error);
}

enum table_result
user_database_find(const char *path, struct pool *pool, struct span name,
    struct user *user, struct error *error)
{
	enum table_result result;
	char *name_text;

	if (name.len == 0 || span_find(name, '\0') < name.len)
		return TABLE_NOT_FOUND;
	name_text = memory_copy(name);
	result =
	    find(path, pool, &(struct wanted){.name = name_text}, user, error);
	free(name_text);
	return result;
}

enum table_result
user_database_find_uid(const char *path, struct pool *pool, uid_t uid,
    struct user *user, struct error *error)
{
	return find(path, pool, &(struct wanted){.uid = uid}, user, error);
}
