/* SPDX-License-Identifier: MIT */
#include "lib/table/table.h"
#include "lib/table/table_list.h"

#include "temporary.h"

/* What a lookup gives: the value, "-" for not found, "?" for try again. */
static void
expect(struct table *table, const char *key, const char *want)
{
	static const char *const words[] = {"-", NULL, "?"};
	struct error error;
	struct buf value;
	enum table_result result;

	buf_init(&value, 1000);
	result = table_get(table, span_text(key), &value, &error);
	if (result == TABLE_FOUND) {
		assert_span(buf_span(&value), want);
	} else {
		assert_int_equal(value.len, 0);
		assert_string_equal(words[result], want);
	}
	buf_finish(&value);
}

static const struct {
	const char *name;
	const char *key;
	const char *want;
} lookups[] = {
    {"static:all", "x", "all"},
    {"static:{ a b }", "x", "a b"},
    {"static:all", "", "-"},
    {"proxy:static:all", "x", "all"},
    {"fail:gone", "x", "?"},
    {"inline:{a=b}", "a", "b"},
    {"inline:{a=b}", "b", "-"},
    {"inline:{a=b}", "A", "b"},
    {"inline:{A=b}", "a", "b"},
    {"inline:{a=b, c=d}", "c", "d"},
    {"inline:{a=b {c d=e f} g=h=i}", "c d", "e f"},
    {"inline:{a=b {c d=e f} g=h=i}", "g", "h=i"},
    {"inline:{ {k = v w} }", "k", "v w"},
    {"inline:{a=}", "a", ""},
    {"inline:{}", "a", "-"},
    {"unix:passwd.byname", "no-such-user", "-"},
    {"environ:", "postern_test_a", "b c"},
    {"environ:x", "POSTERN_TEST_A", "b c"},
    {"environ:", "postern_test_b", "-"},
    {"randmap:{a}", "x", "a"},
    {"randmap:{ {a b} }", "x", "a b"},
    {"unionmap:{static:a,static:b}", "x", "a,b"},
    {"unionmap:{static:a,inline:{x=y},static:b}", "X", "a,y,b"},
    {"unionmap:{inline:{x=y} inline:{z=y}}", "z", "y"},
    {"unionmap:{inline:{x=y} inline:{z=y}}", "y", "-"},
    {"unionmap:{inline:{x=y} fail:z}", "x", "?"},
    {"unionmap:{ {inline:{x=y}} {inline:{ {x=a b} }} }", "x", "y,a b"},
    {"pipemap:{inline:{x=y} inline:{y=Z} inline:{z=a}}", "x", "a"},
    {"pipemap:{inline:{x=y} inline:{z=a}}", "x", "-"},
    {"pipemap:{inline:{x=y} fail:z}", "x", "?"},
    {"pipemap:{inline:{x=y} fail:z}", "y", "-"},
    {"pipemap:{static:x}", "y", "x"},
    {"pipemap:{unionmap:{static:a static:b} inline:{ {a,b=c} }}", "y", "c"},
};

static void
test_constants(void **state UNUSED)
{
	assert_int_equal(setenv("postern_test_a", "b c", 1), 0);
	for (size_t i = 0; i < COUNT_OF(lookups); i++) {
		struct error error;
		struct table *table =
		    table_open(span_text(lookups[i].name), NULL, NULL, &error);

		assert_non_null(table);
		expect(table, lookups[i].key, lookups[i].want);
		assert_false(table_has_changed(table));
		table_close(table);
	}
	table_close(NULL);
}

static const char *const bad_names[] = {"", "x", ":x", "no-such-type:x",
    "/etc/aliases", "static:", "inline:", "inline:a=b", "inline:{a}",
    "inline:{=b}", "inline:{a=b, a=c}", "unix:group.byname",
    "proxy:", "proxy:x", "randmap:", "randmap:{}", "randmap:x", "unionmap:{}",
    "unionmap:{x}", "unionmap:static:x",
    "pipemap:", "pipemap:{static:a, nonsense:}", "pcre:{x}", "cidr:{",
    "unionmap:{unionmap:{unionmap:{unionmap:{unionmap:{unionmap:{unionmap:{"
    "unionmap:{unionmap:{unionmap:{unionmap:{static:a}}}}}}}}}}}"};

static void
test_bad_names(void **state UNUSED)
{
	const struct table_options options = {.open_later = true};

	for (size_t i = 0; i < COUNT_OF(bad_names); i++) {
		struct error error;

		assert_null(table_open(
		    span_text(bad_names[i]), NULL, &options, &error));
		assert_int_equal(error.kind, ERROR_INVALID);
	}
}

static void
test_keys(void **state UNUSED)
{
	const struct table_options keep = {.keep_case = true};
	static char long_key[TABLE_KEY_MAXIMUM + 2];
	struct error error;
	struct table *table =
	    table_open(SPAN("inline:{Ab=c}"), NULL, &keep, &error);
	struct buf value;

	expect(table, "Ab", "c");
	expect(table, "ab", "-");
	table_close(table);

	table = table_open(SPAN("static:long-value"), NULL, NULL, &error);
	buf_init(&value, 1000);
	assert_int_equal(
	    table_get(table, SPAN("a\0b"), &value, &error), TABLE_NOT_FOUND);
	memset(long_key, 'x', sizeof long_key - 1);
	expect(table, long_key, "?");
	long_key[TABLE_KEY_MAXIMUM] = '\0';
	expect(table, long_key, "long-value");
	buf_finish(&value);
	buf_init(&value, 9);
	assert_int_equal(
	    table_get(table, SPAN("a"), &value, &error), TABLE_TRY_AGAIN);
	assert_int_equal(error.kind, ERROR_LIMIT);
	buf_finish(&value);
	table_close(table);
}

static void
test_texthash(void **state)
{
	const struct temporary *temporary = *state;
	struct warnings warnings;
	const struct table_options options = {.warnings = &warnings};
	char name[200];
	struct error error;
	struct table *table;

	warnings_init(&warnings);
	temporary_write(temporary, "map", "A one\nb two\na three\nbad\n");
	temporary_name(temporary, "texthash:", "map", name);
	table = table_open(span_text(name), NULL, &options, &error);
	assert_non_null(table);
	assert_string_equal(table_name(table), name);
	assert_int_equal(warnings.count, 2);
	assert_non_null(strstr(warnings.text[0], "line 3: duplicate"));
	assert_non_null(strstr(warnings.text[1], "line 4: "));
	expect(table, "a", "one");
	expect(table, "B", "two");
	expect(table, "c", "-");

	temporary_write(temporary, "map", "c four, or more\n");
	assert_true(table_has_changed(table));
	expect(table, "a", "one");
	assert_true(table_reopen(table, &error));
	assert_false(table_has_changed(table));
	expect(table, "a", "-");
	expect(table, "c", "four, or more");

	assert_int_equal(unlink(name + strlen("texthash:")), 0);
	assert_false(table_has_changed(table));
	assert_false(table_reopen(table, &error));
	expect(table, "c", "four, or more");
	temporary_write(temporary, "map", " broken\nc d\n");
	assert_true(table_reopen(table, &error));
	expect(table, "c", "d");
	table_close(table);
	warnings_finish(&warnings);
}

static void
test_aliases(void **state)
{
	const struct temporary *temporary = *state;
	char name[200];
	struct error error;
	struct table *table;

	temporary_write(temporary, "aliases", "Root: joe, ann\n\"a b\": c\n");
	temporary_name(temporary, "aliases:", "aliases", name);
	table = table_open(span_text(name), NULL, NULL, &error);
	assert_non_null(table);
	expect(table, "root", "joe, ann");
	expect(table, "a b", "c");
	expect(table, "joe", "-");
	table_close(table);
}

static void
test_open_later(void **state)
{
	const struct temporary *temporary = *state;
	struct warnings warnings;
	size_t closed = 0;
	const struct table_options options = {
	    .open_later = true,
	    .warnings = &warnings,
	    .closed = &closed,
	};
	char name[200];
	struct error error;
	struct table *table;

	warnings_init(&warnings);
	temporary_name(temporary, "texthash:", "absent", name);
	assert_null(table_open(span_text(name), NULL, NULL, &error));
	assert_int_equal(error.kind, ERROR_SYSTEM);
	assert_non_null(strstr(error.text, name));
	table = table_open(span_text(name), NULL, &options, &error);
	assert_non_null(table);
	assert_int_equal(closed, 1);
	assert_int_equal(warnings.count, 1);
	assert_non_null(strstr(warnings.text[0], name));
	warnings_finish(&warnings);
	expect(table, "a", "?");
	assert_false(table_has_changed(table));
	temporary_write(temporary, "absent", "a b\n");
	assert_true(table_reopen(table, &error));
	expect(table, "a", "b");
	table_close(table);
}

static void
test_passwd_file(void **state)
{
	const struct temporary *temporary = *state;
	char path[200];
	const struct table_options options = {
	    .passwd_path = temporary_name(temporary, "", "passwd", path)};
	struct error error;
	struct table *table;

	temporary_write(temporary, "passwd", "ann:*:7:8:Ann A:/h/ann:/sh\n");
	table = table_open(
	    SPAN("proxy:unix:passwd.byname"), NULL, &options, &error);
	assert_non_null(table);
	expect(table, "ann", "ann:x:7:8:Ann A:/h/ann:/sh");
	expect(table, "root", "-");
	assert_int_equal(unlink(path), 0);
	expect(table, "ann", "?");
	table_close(table);
}

static const struct {
	const char *names;
	const char *key;
	const char *want;
} lists[] = {
    {"", "a", "-"},
    {"inline:{a=1}, inline:{a=2, b=3}", "a", "1"},
    {"inline:{a=1}, inline:{a=2, b=3}", "b", "3"},
    {"inline:{a=1} inline:{a=2}", "c", "-"},
    {"inline:{a=1} fail:x static:y", "a", "1"},
    {"inline:{a=1} fail:x static:y", "b", "?"},
};

static void
test_list(void **state UNUSED)
{
	static const char *const words[] = {"-", NULL, "?"};

	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct error error;
		struct table_list *list = table_list_open(
		    span_text(lists[i].names), NULL, NULL, &error);
		struct buf value;
		enum table_result result;

		assert_non_null(list);
		buf_init(&value, 100);
		result = table_list_get(
		    list, span_text(lists[i].key), &value, &error);
		assert_string_equal(
		    result == TABLE_FOUND ? buf_text(&value) : words[result],
		    lists[i].want);
		assert_int_equal(
		    table_list_is_empty(list), lists[i].names[0] == '\0');
		assert_false(table_list_has_changed(list, NULL));
		assert_true(table_list_reopen(list, &error));
		buf_finish(&value);
		table_list_close(list);
	}
	table_list_close(NULL);
}

static void
test_list_with_bad_member(void **state UNUSED)
{
	struct error error;

	assert_null(table_list_open(
	    SPAN("static:a, nonsense, static:b"), NULL, NULL, &error));
	assert_non_null(strstr(error.text, "nonsense"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_constants),
	    cmocka_unit_test(test_bad_names),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test_setup_teardown(
		test_texthash, temporary_setup, temporary_teardown),
	    cmocka_unit_test_setup_teardown(
		test_aliases, temporary_setup, temporary_teardown),
	    cmocka_unit_test_setup_teardown(
		test_open_later, temporary_setup, temporary_teardown),
	    cmocka_unit_test_setup_teardown(
		test_passwd_file, temporary_setup, temporary_teardown),
	    cmocka_unit_test(test_list),
	    cmocka_unit_test(test_list_with_bad_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
