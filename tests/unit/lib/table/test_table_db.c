/* SPDX-License-Identifier: MIT */
/* Berkeley DB tables, built by ourselves and as others build them. */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <db.h>
#include <signal.h>
#include <time.h>

#include "lib/table/table.h"
#include "lib/table/table_build.h"

#include "temporary.h"

static const char *const types[] = {"hash:", "btree:"};
static const DBTYPE db_types[] = {DB_HASH, DB_BTREE};

static void
build(const struct temporary *temporary, const char *type, const char *content)
{
	char name[200];
	struct warnings warnings;
	struct error error;
	struct table_build_request request = {.aliases = false};

	warnings_init(&warnings);
	temporary_write(temporary, "map", content);
	request.name = span_text(temporary_name(temporary, type, "map", name));
	if (!table_build(&request, &warnings, &error))
		fail_msg("%s", error.text);
	assert_int_equal(warnings.count, 0);
	warnings_finish(&warnings);
}

static struct table *
open_table(const struct temporary *temporary, const char *type)
{
	char name[200];
	struct error error;
	struct table *table =
	    table_open(span_text(temporary_name(temporary, type, "map", name)),
		NULL, NULL, &error);

	if (table == NULL)
		fail_msg("%s", error.text);
	return table;
}

static void
expect(struct table *table, const char *key, const char *want)
{
	static const char *const words[] = {"-", NULL, "?"};
	struct error error = {.text = ""};
	struct buf value;
	enum table_result result;

	buf_init(&value, 1000);
	result = table_get(table, span_text(key), &value, &error);
	if (result == TABLE_FOUND)
		assert_span(buf_span(&value), want);
	else
		assert_string_equal(words[result], want);
	buf_finish(&value);
}

static void
test_build_and_get(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct table *table;

		build(*state, types[i], "Key One value\nother\t two\n");
		table = open_table(*state, types[i]);
		expect(table, "key", "One value");
		expect(table, "KEY", "One value");
		expect(table, "other", "two");
		expect(table, "absent", "-");
		expect(table, "", "-");
		assert_false(table_has_changed(table));
		table_close(table);
	}
}

static void
test_many_keys(void **state)
{
	enum {
		COUNT = 3000
	};
	struct buf text;
	struct table *table;
	char key[32];
	char value[32];

	buf_init(&text, 1000000);
	for (int i = 0; i < COUNT; i++)
		assert_true(buf_printf(&text, "key%d value%d\n", i, i * 7));
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		build(*state, types[i], buf_text(&text));
		table = open_table(*state, types[i]);
		for (int n = 0; n < COUNT; n++) {
			snprintf(key, sizeof key, "key%d", n);
			snprintf(value, sizeof value, "value%d", n * 7);
			expect(table, key, value);
		}
		expect(table, "key3000", "-");
		table_close(table);
	}
	buf_finish(&text);
}

static void
test_rebuild_under_reader(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct error error;
		struct table *table;

		build(*state, types[i], "a old\nb old\n");
		table = open_table(*state, types[i]);
		expect(table, "a", "old");
		build(*state, types[i], "a new\nc new\n");
		assert_true(table_has_changed(table));
		expect(table, "c", "new");
		expect(table, "a", "new");
		expect(table, "b", "-");
		assert_true(table_has_changed(table));
		assert_true(table_reopen(table, &error));
		assert_false(table_has_changed(table));
		expect(table, "a", "new");
		table_close(table);
	}
}

/* As makemap and others do: without an environment, keys as given, and over
 * the same file. */
static void
write_in_place(const char *path, DBTYPE type, const char *key,
    const char *value, bool with_nul)
{
	uint32_t extra = with_nul ? 1 : 0;
	DBT name = {.data = (void *)(uintptr_t)key,
	    .size = (uint32_t)strlen(key) + extra};
	DBT bytes = {.data = (void *)(uintptr_t)value,
	    .size = (uint32_t)strlen(value) + extra};
	DB *db;

	assert_int_equal(db_create(&db, NULL, 0), 0);
	assert_int_equal(
	    db->open(db, NULL, path, NULL, type, DB_CREATE | DB_TRUNCATE, 0600),
	    0);
	assert_int_equal(db->put(db, NULL, &name, &bytes, 0), 0);
	assert_int_equal(db->close(db, 0), 0);
}

static void
test_keys_without_nul(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		char path[200];
		struct table *table;

		temporary_name(*state, "", "map.db", path);
		(void)unlink(path);
		write_in_place(path, db_types[i], "a", "plain", false);
		table = open_table(*state, types[i]);
		expect(table, "b", "-");
		expect(table, "a", "plain");
		expect(table, "a", "plain");
		expect(table, "b", "-");
		table_close(table);
	}
}

static void
test_rewrite_in_place_under_reader(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		char path[200];
		struct table *table;

		temporary_name(*state, "", "map.db", path);
		(void)unlink(path);
		write_in_place(path, db_types[i], "a", "old", true);
		table = open_table(*state, types[i]);
		expect(table, "a", "old");
		write_in_place(path, db_types[i], "new-key", "new", false);
		assert_true(table_has_changed(table));
		expect(table, "new-key", "new");
		expect(table, "a", "-");
		table_close(table);
	}
}

/* Writes over the file again and again as another mail system does, holding its
 * lock; "a" is always there, among other keys and at other places. */
static _Noreturn void
keep_rewriting(const char *path, DBTYPE type)
{
	/* As long as readers wait between two attempts at the lock. */
	const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
	char value[300];

	alarm(300);
	memset(value, 'v', sizeof value);
	for (size_t i = 0;; i++) {
		int fd = open(path, O_RDWR | O_CLOEXEC);

		assert_int_equal(flock(fd, LOCK_EX), 0);
		value[i % 299] = '\0';
		write_in_place(path, type, "a", value, true);
		value[i % 299] = 'v';
		assert_int_equal(flock(fd, LOCK_UN), 0);
		io_close(&fd);
		nanosleep(&pause, NULL);
	}
}

static void
test_foreign_writer_hides_nothing(void **state)
{
	enum {
		LOOKUPS = 200
	};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		char path[200];
		struct buf value;
		struct table *table;
		size_t found = 0;
		pid_t child;

		temporary_name(*state, "", "map.db", path);
		(void)unlink(path);
		write_in_place(path, db_types[i], "a", "old", true);
		table = open_table(*state, types[i]);
		child = fork();
		if (child == 0)
			keep_rewriting(path, db_types[i]);
		buf_init(&value, 1000);
		for (size_t n = 0; n < LOOKUPS; n++) {
			enum table_result result =
			    table_get(table, SPAN("a"), &value, NULL);

			assert_int_not_equal(result, TABLE_NOT_FOUND);
			found += result == TABLE_FOUND;
		}
		assert_true(found > 0);
		buf_finish(&value);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		table_close(table);
	}
}

static void
test_vanished_file_stays_readable(void **state)
{
	char path[200];
	struct table *table;

	build(*state, "hash:", "a b\n");
	table = open_table(*state, "hash:");
	assert_int_equal(unlink(temporary_name(*state, "", "map.db", path)), 0);
	assert_false(table_has_changed(table));
	expect(table, "a", "b");
	expect(table, "b", "-");
	table_close(table);
}

static void
test_damage_is_no_answer(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct error error;
		struct table *table;

		build(*state, types[i], "a b\n");
		table = open_table(*state, types[i]);
		temporary_write(*state, "map.db", "nonsense, not a database");
		expect(table, "a", "?");
		expect(table, "b", "?");
		assert_false(table_reopen(table, &error));
		temporary_write(*state, "map.db", "");
		expect(table, "a", "?");
		build(*state, types[i], "a c\n");
		expect(table, "a", "c");
		table_close(table);
	}
}

static void
test_wrong_type(void **state)
{
	char name[200];
	struct error error;

	build(*state, "btree:", "a b\n");
	assert_null(
	    table_open(span_text(temporary_name(*state, "hash:", "map", name)),
		NULL, NULL, &error));
	assert_non_null(strstr(error.text, "another type"));
	assert_null(table_open(
	    span_text(temporary_name(*state, "hash:", "absent", name)), NULL,
	    NULL, &error));
	assert_int_equal(error.saved_errno, ENOENT);
}

static bool
lock_as_others(int fd, bool with_flock)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (with_flock)
		return flock(fd, LOCK_EX | LOCK_NB) == 0;
	return fcntl(fd, F_SETLK, &all) == 0;
}

/* Another process, as fcntl locks are no matter within one. */
static void
test_locked_by_a_writer(void **state)
{
	for (int with_flock = 0; with_flock <= 1; with_flock++) {
		char path[200];
		int locked[2];
		char byte = 0;
		struct table *table;
		pid_t child;

		build(*state, "hash:", "a b\n");
		table = open_table(*state, "hash:");
		temporary_name(*state, "", "map.db", path);
		assert_int_equal(pipe2(locked, O_CLOEXEC), 0);
		child = fork();
		if (child == 0) {
			int fd = open(path, O_RDWR | O_CLOEXEC);
			bool done = lock_as_others(fd, with_flock != 0);

			(void)!write(locked[1], done ? "y" : "n", 1);
			pause();
		}
		assert_int_equal(read(locked[0], &byte, 1), 1);
		assert_int_equal(byte, 'y');
		expect(table, "a", "?");
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		expect(table, "a", "b");
		io_close(&locked[0]);
		io_close(&locked[1]);
		table_close(table);
	}
}

static void
test_strangers_directory(void **state)
{
	const struct temporary *temporary = *state;
	char name[200];
	struct error error;

	build(temporary, "hash:", "a b\n");
	assert_int_equal(chmod(temporary->path, 0777), 0);
	assert_null(table_open(
	    span_text(temporary_name(temporary, "hash:", "map", name)), NULL,
	    NULL, &error));
	assert_int_equal(error.kind, ERROR_INVALID);
	assert_int_equal(chmod(temporary->path, 0700), 0);
}

int
main(void)
{
#define TEST(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, temporary_setup, temporary_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_build_and_get),
	    TEST(test_many_keys),
	    TEST(test_rebuild_under_reader),
	    TEST(test_keys_without_nul),
	    TEST(test_rewrite_in_place_under_reader),
	    TEST(test_foreign_writer_hides_nothing),
	    TEST(test_vanished_file_stays_readable),
	    TEST(test_damage_is_no_answer),
	    TEST(test_wrong_type),
	    TEST(test_locked_by_a_writer),
	    TEST(test_strangers_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
