/* SPDX-License-Identifier: MIT */
/* The files that describe queries, and sqlite: tables. */
#include "lib/table/query_template.h"
#include "lib/table/table.h"

#include "temporary.h"

static const struct {
	const char *text;
	const char *key;
	const char *value; /* NULL: a query */
	const char *want;  /* "-": nothing is asked, "!": wrong */
} templates[] = {
    {"a", "k", NULL, "a"},
    {"%s", "k@d", NULL, "<k@d>"},
    {"%S", "k@d", NULL, "<k@d>"},
    {"%u at %d", "a@b@d", NULL, "<a@b> at <d>"},
    {"%u", "k", NULL, "<k>"},
    {"%d", "k", NULL, "-"},
    {"%1 %2 %3", "u@a.b.c", NULL, "<c> <b> <a>"},
    {"%4", "u@a.b.c", NULL, "-"},
    {"%1", "c", NULL, "-"},
    {"%%s", "k", NULL, "%s"},
    {"%", "k", NULL, "!"},
    {"%x", "k", NULL, "!"},
    {"%0", "k", NULL, "!"},
    {"%s/%S", "k", "v", "<v>/<k>"},
    {"%u %d %U %D", "a@b", "c@d", "<c> <d> <a> <b>"},
    {"%d", "a@b", "c", "-"},
    {"", "k", NULL, ""},
};

static void
put_brackets(struct buf *out, struct span part)
{
	buf_printf(out, "<%.*s>", SPAN_ARGS(part));
}

static void
test_templates(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(templates); i++) {
		const struct query_values values = {
		    .key = span_text(templates[i].key),
		    .value = span_text(templates[i].value),
		    .has_value = templates[i].value != NULL,
		};
		struct buf out;
		enum query_template_result result;

		buf_init(&out, 1000);
		result = query_template_expand(
		    span_text(templates[i].text), &values, put_brackets, &out);
		if (result == QUERY_TEMPLATE_DONE)
			assert_span(buf_span(&out), templates[i].want);
		else
			assert_string_equal(
			    result == QUERY_TEMPLATE_NOTHING ? "-" : "!",
			    templates[i].want);
		buf_finish(&out);
	}
}

#ifdef POSTERN_SQLITE
#include <sqlite3.h>

static void
make_database(const struct temporary *temporary)
{
	char path[200];
	sqlite3 *db;

	assert_int_equal(
	    sqlite3_open(temporary_name(temporary, "", "db", path), &db),
	    SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db,
		"CREATE TABLE t (k TEXT, v TEXT, w TEXT);"
		"INSERT INTO t VALUES ('a@b', 'x', NULL), ('a@b', 'y', ''),"
		"('o''k', 'quoted', NULL), ('none', '', NULL), ('n', 7, 8);",
		NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static struct table *
open_query(
    const struct temporary *temporary, const char *text, struct error *error)
{
	const struct table_options options = {.timeout = 300};
	char name[200];
	struct buf content;
	struct table *table;

	buf_init(&content, 10000);
	buf_printf(&content, "dbpath = %s/db\n%s", temporary->path, text);
	temporary_write(temporary, "cf", buf_text(&content));
	buf_finish(&content);
	temporary_name(temporary, "sqlite:", "cf", name);
	table = table_open(span_text(name), NULL, &options, error);
	return table;
}

static const struct {
	const char *text;
	const char *key;
	const char *want;
} lookups[] = {
    {"query = SELECT v FROM t WHERE k = '%s'", "a@b", "x,y"},
    {"query = SELECT v, w FROM t WHERE k = '%s'", "n", "7,8"},
    {"query = SELECT v FROM t WHERE k = '%s'", "A@B", "x,y"},
    {"query = SELECT v FROM t WHERE k = '%s'", "o'k", "quoted"},
    {"query = SELECT v FROM t WHERE k = '%s'", "' OR 1=1 --", "-"},
    {"query = SELECT v FROM t WHERE k = '%s'", "no", "-"},
    {"query = SELECT v FROM t WHERE k = '%s'", "none", "-"},
    {"query = SELECT v FROM t\n WHERE k = '%u@%d'", "a@b", "x,y"},
    {"query = SELECT v FROM t WHERE k = '%u@%d'", "n", "-"},
    {"query = SELECT v FROM t WHERE k = '%s'\nresult_format = <%s>", "a@b",
	"<x>,<y>"},
    {"query = SELECT v FROM t WHERE k = '%s'\ndomain = c, b", "a@b", "x,y"},
    {"query = SELECT v FROM t WHERE k = '%s'\ndomain = c", "a@b", "-"},
    {"query = SELECT v FROM t WHERE k = '%s'\ndomain = c", "n", "-"},
    {"query = SELECT v FROM t WHERE k = '%s'\nexpansion_limit = 2", "a@b",
	"x,y"},
    {"query = SELECT v FROM t WHERE k = '%s'\nexpansion_limit = 1", "a@b", "?"},
    {"table = t\nselect_field = v\nwhere_field = k", "n", "7"},
    {"table = t\nselect_field = v\nwhere_field = k\n"
     "additional_conditions = AND v = 'y'",
	"a@b", "y"},
    {"query = SELECT nonsense FROM nowhere", "a", "?"},
    {"query = -- nothing", "a", "?"},
    {"query = WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
     " SELECT max(x) FROM c",
	"a", "?"},
};

static void
test_sqlite(void **state)
{
	static const char *const words[] = {"-", NULL, "?"};

	make_database(*state);
	for (size_t i = 0; i < COUNT_OF(lookups); i++) {
		struct error error = {.text = ""};
		struct table *table =
		    open_query(*state, lookups[i].text, &error);
		struct buf value;
		enum table_result result;

		if (table == NULL)
			fail_msg("%s", error.text);
		buf_init(&value, 1000);
		result =
		    table_get(table, span_text(lookups[i].key), &value, &error);
		if (result == TABLE_FOUND)
			assert_span(buf_span(&value), lookups[i].want);
		else if (strcmp(words[result], lookups[i].want) != 0)
			fail_msg("%s: %s", lookups[i].text, error.text);
		buf_finish(&value);
		table_close(table);
	}
}

static const struct {
	const char *text;
	const char *words;
} bad[] = {
    {"", "expected query"},
    {"query = %x", "query: expected %s"},
    {"query = a\nresult_format = %", "result_format: expected %s"},
    {"query = a\nexpansion_limit = x", "expansion_limit: expected"},
    {"query = a\ndbpath =", "expected dbpath"},
    {"query = a\ndbpath = /nonexistent/db", "unable to open"},
};

static void
test_bad_sqlite(void **state)
{
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct error error = {.text = ""};

		assert_null(open_query(*state, bad[i].text, &error));
		if (strstr(error.text, bad[i].words) == NULL)
			fail_msg("%s", error.text);
	}
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_templates),
#ifdef POSTERN_SQLITE
	    cmocka_unit_test_setup_teardown(
		test_sqlite, temporary_setup, temporary_teardown),
	    cmocka_unit_test_setup_teardown(
		test_bad_sqlite, temporary_setup, temporary_teardown),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
