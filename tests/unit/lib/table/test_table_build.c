/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include <db.h>

#include "lib/table/table_build.h"

#include "temporary.h"

struct record {
	struct span key;
	struct span value; /* NULL: any */
};

static void
expect_record(DB *db, const struct record *want)
{
	DBT key = {.data = (void *)(uintptr_t)want->key.at,
	    .size = (uint32_t)want->key.len};
	DBT value = {.data = NULL};

	assert_int_equal(db->get(db, NULL, &key, &value, 0), 0);
	if (want->value.at != NULL)
		assert_true(
		    span_equal(span_of(value.data, value.size), want->value));
}

static size_t
count_records(DB *db)
{
	DBC *cursor;
	DBT key = {.data = NULL};
	DBT value = {.data = NULL};
	size_t count = 0;

	assert_int_equal(db->cursor(db, NULL, &cursor, 0), 0);
	while (cursor->get(cursor, &key, &value, DB_NEXT) == 0)
		count++;
	assert_int_equal(cursor->close(cursor), 0);
	return count;
}

static const struct record alias_records[] = {
    {{"root", 5}, {"Joe, ann", 9}},
    {{"a b", 4}, {"c", 2}},
    {{"@", 2}, {"@", 2}},
    {{"YP_LAST_MODIFIED", 16}, {NULL, 0}},
    {{"YP_MASTER_NAME", 14}, {"mx.example", 10}},
};

/* The bytes of the file, as other programs read them. */
static void
test_alias_file(void **state)
{
	char path[200];
	struct warnings warnings;
	struct error error;
	struct table_build_request request = {
	    .default_type = "hash",
	    .aliases = true,
	    .host_name = "mx.example",
	};
	DB *db;

	temporary_write(*state, "aliases",
	    "Root: Joe, ann\n\"A b\": c\nroot: second\nnonsense\n");
	request.name = span_text(temporary_name(*state, "", "aliases", path));
	warnings_init(&warnings);
	assert_true(table_build(&request, &warnings, &error));
	assert_int_equal(warnings.count, 2);
	assert_non_null(strstr(warnings.text[0], "line 3: duplicate"));
	assert_non_null(strstr(warnings.text[1], "line 4: "));
	warnings_finish(&warnings);

	temporary_name(*state, "", "aliases.db", path);
	assert_int_equal(db_create(&db, NULL, 0), 0);
	assert_int_equal(
	    db->open(db, NULL, path, NULL, DB_HASH, DB_RDONLY, 0), 0);
	for (size_t i = 0; i < COUNT_OF(alias_records); i++)
		expect_record(db, &alias_records[i]);
	assert_int_equal(count_records(db), COUNT_OF(alias_records));
	assert_int_equal(db->close(db, 0), 0);
}

static void
test_keep_case(void **state)
{
	char path[200];
	struct error error;
	struct table_build_request request = {.keep_case = true};
	const struct record want = {{"Key", 4}, {"v", 2}};
	DB *db;

	temporary_write(*state, "map", "Key v\n");
	request.name = span_text(temporary_name(*state, "btree:", "map", path));
	assert_true(table_build(&request, NULL, &error));
	temporary_name(*state, "", "map.db", path);
	assert_int_equal(db_create(&db, NULL, 0), 0);
	assert_int_equal(
	    db->open(db, NULL, path, NULL, DB_BTREE, DB_RDONLY, 0), 0);
	expect_record(db, &want);
	assert_int_equal(db->close(db, 0), 0);
}

static void
test_permissions_follow_the_text(void **state)
{
	static const mode_t modes[] = {0600, 0644, 0640, 0755};
	char path[200];
	struct stat status;

	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		struct error error;
		struct table_build_request request = {.aliases = false};

		temporary_write(*state, "map", "a b\n");
		assert_int_equal(
		    chmod(temporary_name(*state, "", "map", path), modes[i]),
		    0);
		request.name =
		    span_text(temporary_name(*state, "hash:", "map", path));
		assert_true(table_build(&request, NULL, &error));
		assert_int_equal(
		    stat(temporary_name(*state, "", "map.db", path), &status),
		    0);
		assert_int_equal(
		    status.st_mode & 07777, modes[i] & (mode_t)0666);
	}
}

/* Not 0 ends nftw: for what is neither the text nor the file made of it. */
static int
find_remains(const char *path, const struct stat *status UNUSED,
    int type UNUSED, struct FTW *walk)
{
	const char *base = path + walk->base;

	return walk->level > 0 && strcmp(base, "map") != 0 &&
	    strcmp(base, "map.db") != 0;
}

static void
test_failures_leave_the_old_file(void **state)
{
	const struct temporary *temporary = *state;
	char path[200];
	char db_path[200];
	struct stat before;
	struct stat after;
	struct error error;
	struct table_build_request request = {.aliases = false};

	temporary_write(temporary, "map", "a b\n");
	request.name =
	    span_text(temporary_name(temporary, "hash:", "map", path));
	assert_true(table_build(&request, NULL, &error));
	temporary_name(temporary, "", "map.db", db_path);
	assert_int_equal(stat(db_path, &before), 0);
	assert_int_equal(unlink(path + strlen("hash:")), 0);
	assert_false(table_build(&request, NULL, &error));
	assert_int_equal(error.kind, ERROR_SYSTEM);
	assert_int_equal(stat(db_path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);

	/* What was made cannot take the place of a directory. */
	temporary_write(temporary, "map", "a b\n");
	assert_int_equal(unlink(db_path), 0);
	assert_int_equal(mkdir(db_path, 0700), 0);
	assert_false(table_build(&request, NULL, &error));
	assert_int_equal(error.kind, ERROR_SYSTEM);
	assert_int_equal(nftw(temporary->path, find_remains, 4, FTW_PHYS), 0);
}

static const struct {
	const char *name;
	enum error_kind kind;
} failures[] = {
    {"hash:", ERROR_INVALID},
    {"hash:/nonexistent/file", ERROR_SYSTEM},
    {"pcre:/etc/passwd", ERROR_INVALID},
    {"/etc/passwd", ERROR_INVALID},
    {"", ERROR_INVALID},
};

static void
test_bad_names(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		struct error error;
		const struct table_build_request request = {
		    .name = span_text(failures[i].name)};

		assert_false(table_build(&request, NULL, &error));
		assert_int_equal(error.kind, failures[i].kind);
	}
}

static void
test_text_types_are_only_checked(void **state)
{
	const struct temporary *temporary = *state;
	char path[200];
	struct warnings warnings;
	struct error error;
	struct table_build_request request = {.aliases = true};

	warnings_init(&warnings);
	temporary_write(temporary, "map", "a: b\nnonsense\n");
	request.name =
	    span_text(temporary_name(temporary, "aliases:", "map", path));
	assert_true(table_build(&request, &warnings, &error));
	assert_int_equal(warnings.count, 1);
	assert_int_equal(
	    access(temporary_name(temporary, "", "map.db", path), F_OK), -1);
	warnings_finish(&warnings);
}

int
main(void)
{
#define TEST(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, temporary_setup, temporary_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_alias_file),
	    TEST(test_keep_case),
	    TEST(test_permissions_follow_the_text),
	    TEST(test_failures_leave_the_old_file),
	    TEST(test_bad_names),
	    TEST(test_text_types_are_only_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
