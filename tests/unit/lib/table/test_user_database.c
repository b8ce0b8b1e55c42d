/* SPDX-License-Identifier: MIT */
#include "lib/table/user_database.h"

#include "temporary.h"

static const char passwd[] = "# a comment\n"
			     "broken:line\n"
			     ":x:1:1::/:/sh\n"
			     "badid:x:one:1::/:/sh\n"
			     "extra:x:1:1::/:/sh:more\n"
			     "ann:*:1001:100:Ann A,room 1:/home/ann:/bin/sh\n"
			     "bob:*:1002:101::/home/bob:\n"
			     "twin:*:1001:100::/t:/t\n"
			     "last:*:4294967295:0::/:/bin/sh";

static const struct {
	const char *name;
	uid_t uid; /* asked for when name is NULL */
	enum table_result result;
	const char *want;
} lookups[] = {
    {"ann", 0, TABLE_FOUND, "ann 1001 100 Ann A,room 1 /home/ann /bin/sh"},
    {"bob", 0, TABLE_FOUND, "bob 1002 101  /home/bob "},
    {"last", 0, TABLE_FOUND, "last 4294967295 0  / /bin/sh"},
    {NULL, 1001, TABLE_FOUND, "ann 1001 100 Ann A,room 1 /home/ann /bin/sh"},
    {NULL, 1, TABLE_NOT_FOUND, ""},
    {"Ann", 0, TABLE_NOT_FOUND, ""},
    {"an", 0, TABLE_NOT_FOUND, ""},
    {"", 0, TABLE_NOT_FOUND, ""},
    {"broken", 0, TABLE_NOT_FOUND, ""},
    {"badid", 0, TABLE_NOT_FOUND, ""},
    {"extra", 0, TABLE_NOT_FOUND, ""},
    {"# a comment", 0, TABLE_NOT_FOUND, ""},
};

static enum table_result
find(const char *path, struct pool *pool, size_t i, struct user *user)
{
	struct error error;

	if (lookups[i].name == NULL)
		return user_database_find_uid(
		    path, pool, lookups[i].uid, user, &error);
	return user_database_find(
	    path, pool, span_text(lookups[i].name), user, &error);
}

static void
test_file(void **state)
{
	struct pool *pool = pool_create(NULL, "test", 100000);
	char path[200];

	temporary_write(*state, "passwd", passwd);
	temporary_name(*state, "", "passwd", path);
	for (size_t i = 0; i < COUNT_OF(lookups); i++) {
		struct user user;

		assert_int_equal(find(path, pool, i, &user), lookups[i].result);
		if (lookups[i].result == TABLE_FOUND)
			assert_string_equal(
			    pool_printf(pool, "%s %u %u %s %s %s", user.name,
				user.uid, user.gid, user.full_name, user.home,
				user.shell),
			    lookups[i].want);
	}
	pool_destroy(pool);
}

static void
test_unreadable_file(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 100000);
	struct error error;
	struct user user;

	assert_int_equal(user_database_find("/nonexistent/passwd", pool,
			     SPAN("ann"), &user, &error),
	    TABLE_TRY_AGAIN);
	assert_int_equal(error.saved_errno, ENOENT);
	pool_destroy(pool);
}

static void
test_system(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 100000);
	struct error error;
	struct user user;

	assert_int_equal(
	    user_database_find(NULL, pool, SPAN("root"), &user, &error),
	    TABLE_FOUND);
	assert_int_equal(user.uid, 0);
	assert_int_equal(
	    user_database_find_uid(NULL, pool, 0, &user, &error), TABLE_FOUND);
	assert_string_equal(user.name, "root");
	assert_int_equal(
	    user_database_find(NULL, pool, SPAN("no-such-user"), &user, &error),
	    TABLE_NOT_FOUND);
	assert_int_equal(
	    user_database_find_uid(NULL, pool, 4000000000u, &user, &error),
	    TABLE_NOT_FOUND);
	pool_destroy(pool);
}

static void
test_small_pool(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", 1);
	struct error error;
	struct user user;

	assert_int_equal(
	    user_database_find(NULL, pool, SPAN("root"), &user, &error),
	    TABLE_TRY_AGAIN);
	assert_int_equal(error.kind, ERROR_LIMIT);
	pool_destroy(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_file, temporary_setup, temporary_teardown),
	    cmocka_unit_test(test_unreadable_file),
	    cmocka_unit_test(test_system),
	    cmocka_unit_test(test_small_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
