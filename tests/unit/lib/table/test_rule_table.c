/* SPDX-License-Identifier: MIT */
/* regexp:, pcre: and cidr: tables: what rows find, and what is said about those
 * that are wrong. */
#include "lib/table/table.h"

#include "temporary.h"

static const struct {
	const char *type;
	const char *text;
	const char *key;
	const char *want;     /* "-": not found; "?": try again */
	const char *warnings; /* parts of the words, in order; NULL: none */
} cases[] = {
    {"pcre:", "/a/ b\n", "xax", "b", NULL},
    {"pcre:", "/a/ b\n", "A", "b", NULL},
    {"pcre:", "/a/i b\n", "A", "-", NULL},
    {"pcre:", "/^a$/ b c\n", "a", "b c", NULL},
    {"pcre:", "!/a/ b\n", "x", "b", NULL},
    {"pcre:", "!/a/ b\n", "a", "-", NULL},
    {"pcre:", "! /a/ b\n", "x", "b", NULL},
    {"pcre:", "!!/a/ b\n", "a", "b", NULL},
    {"pcre:", "|a/b| c\n", "a/b", "c", NULL},
    {"pcre:", "/a\\/b/ c\n", "a/b", "c", NULL},
    {"pcre:", "/(.)(.)/ $2$1${2}${1}$(1)$$\n", "aB", "BaBaa$", NULL},
    {"pcre:", "/(a)|(b)/ <$1><$2>\n", "b", "<><b>", NULL},
    {"pcre:", "/a/ x\n/./ y\n", "b", "y", NULL},
    {"pcre:", "/a/\n  x\n# no\n\n /y/\n", "a", "x /y/", NULL},
    {"pcre:", "/a/\n", "a", "", "line 1: no result"},
    {"pcre:", "/a b\n/b/ c\n", "b", "c", "line 1: expected a second"},
    {"pcre:", "/(/ b\n/./ c\n", "(", "c", "line 1: at offset 1"},
    {"pcre:", "/a/q b\n/./ c\n", "a", "c", "line 1: unknown flag \"q\""},
    {"pcre:", "/(a)/ $2\n/./ c\n", "a", "c", "line 1: $2, but the"},
    {"pcre:", "/a/ $x\n/./ c\n", "a", "c", "line 1: expected $$, or $ and"},
    {"pcre:", "/a/ $0\n/./ c\n", "a", "c", "line 1: expected $$, or $ and"},
    {"pcre:", "/a/ 5$\n/./ c\n", "a", "c", "line 1: expected $$, or $ and"},
    {"pcre:", "/(a)/ ${1\n/./ c\n", "a", "c", "line 1: expected $$, or $ and"},
    {"pcre:", "!/(a)/ $1\n/./ c\n", "b", "c", "line 1: a negated pattern"},
    {"pcre:", "what\n/./ c\n", "b", "c", "line 1: expected /pattern/flags"},
    {"pcre:", " /a/ b\n/./ c\n", "a", "c", "line 1: white space"},
    {"pcre:", "!\n/./ c\n", "a", "c", "line 1: expected a pattern"},
    {"pcre:", "if /a/\n/b/ c\nendif\n/./ d\n", "ab", "c", NULL},
    {"pcre:", "if /a/\n/b/ c\nendif\n/./ d\n", "b", "d", NULL},
    {"pcre:", "if /a/\n/b/ c\nendif\n/./ d\n", "a", "d", NULL},
    {"pcre:", "IF !/a/\n/b/ c\nENDIF\n/./ d\n", "b", "c", NULL},
    {"pcre:", "IF !/a/\n/b/ c\nENDIF\n/./ d\n", "ab", "d", NULL},
    {"pcre:", "if/a/\nif/b/\n/c/ 1\nendif\n/./ 2\nendif\n/./ 3\n", "abc", "1",
	NULL},
    {"pcre:", "if/a/\nif/b/\n/c/ 1\nendif\n/./ 2\nendif\n/./ 3\n", "ac", "2",
	NULL},
    {"pcre:", "if/a/\nif/b/\n/c/ 1\nendif\n/./ 2\nendif\n/./ 3\n", "c", "3",
	NULL},
    {"pcre:", "if /a/\n/./ b\n", "a", "b", "line 1: if without"},
    {"pcre:", "if /a/\n/./ b\n", "c", "-", "line 1: if without"},
    {"pcre:", "endif\n/./ b\n", "c", "b", "line 1: endif without"},
    {"pcre:", "if /a/ x\n/./ b\nendif y\n", "a", "b",
	"line 1: the text behind the if\nline 3: the text behind endif"},
    {"pcre:", "if\n/./ b\n", "a", "b", "line 1: expected a pattern"},
    {"pcre:", "/^a.b$/ c\n", "a\nb", "c", NULL},
    {"pcre:", "/^a.b$/s c\n", "a\nb", "-", NULL},
    {"pcre:", "/^b$/m c\n", "a\nb", "c", NULL},
    {"pcre:", "/^b$/ c\n", "b\n", "c", NULL},
    {"pcre:", "/^b$/E c\n", "b\n", "-", NULL},
    {"pcre:", "/b/A c\n", "ab", "-", NULL},
    {"pcre:", "/a b/x c\n", "ab", "c", NULL},
    {"pcre:", "/(a+)/U $1\n", "aa", "a", NULL},
    {"pcre:", "/a/X c\n", "a", "c", NULL},
    {"pcre:", "/^(a+)+$/ c\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	"?", NULL},
    {"pcre:", "/x/ d\n/^(a+)+$/ c\n",
	"xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "d", NULL},
    {"regexp:", "/^(.*)@(.*)$/ $2!$1\n", "User@Host", "Host!User", NULL},
    {"regexp:", "/a\\d/ b\n", "a1", "-", NULL},
    {"regexp:", "/a*?/ b\n", "a", "b", NULL},
    {"regexp:", "/A/i b\n", "a", "-", NULL},
    {"regexp:", "/^b$/m c\n", "a\nb", "c", NULL},
    {"regexp:", "/\\(a\\)+/x $1\n", "a+", "a", NULL},
    {"regexp:", "/(a/ b\n/./ c\n", "a", "c", "line 1: a ( without"},
    {"regexp:", "/a/s b\n/./ c\n", "a", "c", "line 1: unknown flag"},
    {"regexp:", "/(x+x+)+y/ c\n", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "-",
	NULL},
    {"regexp:", "/^(a+)+\\.$/ c\n",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab.", "?", NULL},
    {"cidr:", "192.0.2.0/24 a\n192.0.2.1 b\n", "192.0.2.1", "a", NULL},
    {"cidr:", "192.0.2.1 b\n192.0.2.0/24 a $1\n", "192.0.2.2", "a $1", NULL},
    {"cidr:", "192.0.2.1 b\n", "192.0.2.3", "-", NULL},
    {"cidr:", "192.0.2.1 b\n", "host", "-", NULL},
    {"cidr:", "2001:db8::/32 a\n", "2001:DB8:1::1", "a", NULL},
    {"cidr:", "[2001:db8::]/32 a\n", "2001:db8::1", "a", NULL},
    {"cidr:", "0.0.0.0/0 a\n::/0 b\n", "::1", "b", NULL},
    {"cidr:", "!192.0.2.0/24 a\n", "192.0.3.0", "a", NULL},
    {"cidr:", "!192.0.2.0/24 a\n", "192.0.2.0", "-", NULL},
    {"cidr:", "!192.0.2.0/24 a\n", "::1", "-", NULL},
    {"cidr:", "if !192.0.2.0/24\n::/0 a\nendif\n", "::1", "-", NULL},
    {"cidr:", "if 192.0.2.0/24\n192.0.2.1 a\nendif\n0.0.0.0/0 b\n", "192.0.2.1",
	"a", NULL},
    {"cidr:", "if !192.0.2.0/24\n0.0.0.0/0 a\nendif\n0.0.0.0/0 b\n",
	"192.0.2.1", "b", NULL},
    {"cidr:", "192.0.2.1/24 a\n0.0.0.0/0 b\n", "192.0.2.1", "b",
	"line 1: non-null host"},
    {"cidr:", "192.0.2.1\n0.0.0.0/0 b\n", "192.0.2.1", "b",
	"line 1: expected a pattern, white"},
    {"cidr:", "192.0.2.0/33 x\n0.0.0.0/0 b\n", "192.0.2.1", "b",
	"line 1: bad prefix length"},
    {"cidr:", "x y\n0.0.0.0/0 b\n", "192.0.2.1", "b", "line 1: bad network"},
};

static void
check_warnings(const struct warnings *warnings, const char *want)
{
	struct span rest = span_text(want);
	struct span line;
	size_t i = 0;

	for (; rest.len > 0; i++) {
		span_split(rest, '\n', &line, &rest);
		assert_true(i < warnings->count);
		if (span_find_span(span_text(warnings->text[i]), line) ==
		    strlen(warnings->text[i]))
			fail_msg("warning: %s", warnings->text[i]);
	}
	if (warnings->count != i)
		fail_msg("warning: %s", warnings->text[i]);
}

static void
check(struct table *table, const char *key, const char *want)
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
		fail_msg(
		    "%s: %s, not %s: %s", key, words[result], want, error.text);
	buf_finish(&value);
}

static void
test_rules(void **state)
{
	const struct temporary *temporary = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct warnings warnings;
		const struct table_options options = {.warnings = &warnings};
		char name[200];
		struct error error;
		struct table *table;

		warnings_init(&warnings);
		temporary_write(temporary, "rules", cases[i].text);
		table = table_open(span_text(temporary_name(temporary,
				       cases[i].type, "rules", name)),
		    NULL, &options, &error);
		if (table == NULL)
			fail_msg("%s", error.text);
		check_warnings(&warnings, cases[i].warnings);
		check(table, cases[i].key, cases[i].want);
		table_close(table);
		warnings_finish(&warnings);
	}
}

static void
test_limit_words(void **state)
{
	const struct temporary *temporary = *state;
	char name[200];
	struct error error;
	struct buf value;
	struct table *table;

	temporary_write(temporary, "rules", "/x/ y\n/^(a|aa)+$/ b\n");
	table = table_open(
	    span_text(temporary_name(temporary, "pcre:", "rules", name)), NULL,
	    NULL, &error);
	buf_init(&value, 100);
	assert_int_equal(
	    table_get(table, SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
		&value, &error),
	    TABLE_TRY_AGAIN);
	assert_int_equal(error.kind, ERROR_LIMIT);
	if (strstr(error.text, "rules: line 2: match limit") == NULL)
		fail_msg("%s", error.text);
	buf_finish(&value);
	table_close(table);
}

static void
test_inline(void **state UNUSED)
{
	struct error error;
	struct table *table =
	    table_open(SPAN("pcre:{ {/a b/ c} {if /d/} {/./ $$} {endif} }"),
		NULL, NULL, &error);

	assert_non_null(table);
	check(table, "a b", "c");
	check(table, "d", "$");
	check(table, "e", "-");
	assert_false(table_has_changed(table));
	assert_int_equal(table_traits(table), TABLE_RAW_KEY | TABLE_WHOLE_KEY);
	table_close(table);
	table = table_open(SPAN("unionmap:{ {regexp:{ {/A/i x} }} "
				"{cidr:{ {192.0.2.1 b} }} static:y }"),
	    NULL, NULL, &error);
	check(table, "A", "x,y");
	check(table, "a", "y");
	check(table, "192.0.2.1", "b,y");
	assert_int_equal(table_traits(table), TABLE_RAW_KEY | TABLE_WHOLE_KEY);
	table_close(table);
}

static void
test_change(void **state)
{
	const struct temporary *temporary = *state;
	char name[200];
	struct error error;
	struct table *table;

	temporary_write(temporary, "rules", "/a/ b\n");
	temporary_name(temporary, "pipemap:{pcre:", "rules}", name);
	table = table_open(span_text(name), NULL, NULL, &error);
	assert_non_null(table);
	assert_false(table_has_changed(table));
	temporary_write(temporary, "rules", "/a/ long\n");
	assert_true(table_has_changed(table));
	assert_true(table_reopen(table, &error));
	check(table, "a", "long");
	table_close(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_rules, temporary_setup, temporary_teardown),
	    cmocka_unit_test_setup_teardown(
		test_limit_words, temporary_setup, temporary_teardown),
	    cmocka_unit_test(test_inline),
	    cmocka_unit_test_setup_teardown(
		test_change, temporary_setup, temporary_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
