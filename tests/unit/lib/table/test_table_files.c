/* SPDX-License-Identifier: MIT */
/* Every type whose files we make: what is written is read again; and files that
 * are damaged, or replaced meanwhile. */
#include "lib/table/table.h"
#include "lib/table/table_build.h"
#include "lib/table/table_file.h"

#include "temporary.h"

static const char *const types[] = {
#ifdef POSTERN_BERKELEY_DB
    "hash",
    "btree",
#endif
#ifdef POSTERN_LMDB
    "lmdb",
#endif
    "cdb",
};

static void
build(const struct temporary *temporary, const char *type, const char *text,
    enum table_build_end end)
{
	char name[200];
	char path[220];
	struct error error;
	struct table_build_request request = {.end = end};

	temporary_write(temporary, "map", text);
	snprintf(path, sizeof path, "%s:%s", type,
	    temporary_name(temporary, "", "map", name));
	request.name = span_text(path);
	if (!table_build(&request, NULL, &error))
		fail_msg("%s", error.text);
}

static struct table *
open_table(
    const struct temporary *temporary, const char *type, struct error *error)
{
	char name[200];
	char path[220];

	snprintf(path, sizeof path, "%s:%s", type,
	    temporary_name(temporary, "", "map", name));
	return table_open(span_text(path), NULL, NULL, error);
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
	else if (strcmp(words[result], want) != 0)
		fail_msg("%s: %s", key, error.text);
	buf_finish(&value);
}

static bool
count_entry(void *owner, struct span key, struct span value)
{
	size_t *count = owner;

	assert_true(key.len > 0 && value.len > 0);
	++*count;
	return true;
}

static bool
stop_at_once(void *owner, struct span key UNUSED, struct span value UNUSED)
{
	++*(size_t *)owner;
	return false;
}

static void
test_many_keys(void **state)
{
	enum {
		COUNT = 2000
	};
	struct buf text;

	buf_init(&text, 1000000);
	for (int i = 0; i < COUNT; i++)
		assert_true(buf_printf(&text, "key%d value%d\n", i, i * 7));
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct table *table;
		struct error error;
		size_t count = 0;

		build(*state, types[i], buf_text(&text), TABLE_BUILD_END_USUAL);
		table = open_table(*state, types[i], &error);
		assert_non_null(table);
		for (int n = 0; n < COUNT; n++) {
			char key[32];
			char value[32];

			snprintf(key, sizeof key, "key%d", n);
			snprintf(value, sizeof value, "value%d", n * 7);
			expect(table, key, value);
		}
		expect(table, "key2000", "-");
		expect(table, "KEY1", "value7");
		assert_true(table_walk(table, count_entry, &count, &error));
		assert_int_equal(count, COUNT);
		count = 0;
		assert_false(table_walk(table, stop_at_once, &count, &error));
		assert_int_equal(count, 1);
		table_close(table);
	}
	buf_finish(&text);
}

/* All ways to end keys are read. */
static void
test_ends(void **state)
{
	static const enum table_build_end ends[] = {
	    TABLE_BUILD_END_USUAL, TABLE_BUILD_END_NUL, TABLE_BUILD_END_NONE};

	for (size_t i = 0; i < COUNT_OF(types); i++)
		for (size_t end = 0; end < COUNT_OF(ends); end++) {
			struct table *table;
			struct error error;

			build(*state, types[i], "a b\nc d\n", ends[end]);
			table = open_table(*state, types[i], &error);
			assert_non_null(table);
			expect(table, "a", "b");
			expect(table, "c", "d");
			expect(table, "b", "-");
			table_close(table);
		}
}

static void
test_replacement(void **state)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct table *table;
		struct error error;

		build(*state, types[i], "a b\n", TABLE_BUILD_END_USUAL);
		table = open_table(*state, types[i], &error);
		assert_non_null(table);
		assert_false(table_has_changed(table));
		build(*state, types[i], "a c\nd e\n", TABLE_BUILD_END_USUAL);
		assert_true(table_has_changed(table));
		assert_true(table_reopen(table, &error));
		assert_false(table_has_changed(table));
		expect(table, "a", "c");
		expect(table, "d", "e");
		table_close(table);
	}
}

/* Neither is taken for a file without the key. */
static void
test_damage(void **state)
{
	static const char *const contents[] = {"", "text\n"};

	for (size_t i = 0; i < COUNT_OF(types); i++)
		for (size_t n = 0; n < COUNT_OF(contents); n++) {
			char name[200];
			struct error error;

			snprintf(name, sizeof name, "map%s",
			    table_file_find(span_text(types[i]))->suffix);
			temporary_write(*state, name, contents[n]);
			assert_null(open_table(*state, types[i], &error));
		}
}

static void
test_cdb_that_shrinks(void **state)
{
	const struct temporary *temporary = *state;
	char path[200];
	struct error error;
	struct table *table;

	build(temporary, "cdb", "a b\n", TABLE_BUILD_END_USUAL);
	table = open_table(temporary, "cdb", &error);
	assert_non_null(table);
	expect(table, "a", "b");
	temporary_name(temporary, "", "map.cdb", path);
	assert_int_equal(truncate(path, 2050), 0);
	expect(table, "a", "?");
	expect(table, "none", "?");
	table_close(table);
}

int
main(void)
{
#define TEST(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, temporary_setup, temporary_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_many_keys),
	    TEST(test_ends),
	    TEST(test_replacement),
	    TEST(test_damage),
	    TEST(test_cdb_that_shrinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
