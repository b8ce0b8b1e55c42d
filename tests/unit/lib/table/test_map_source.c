/* SPDX-License-Identifier: MIT */
#include "lib/table/alias_source.h"

#include "../../unit.h"

/* What a source yields, written as "key=value;" per entry, "!text;" for a bad
 * line. */
struct example {
	const char *text;
	const char *want;
};

static void
describe(map_source_reader read, const char *text, struct buf *out)
{
	struct map_source source;
	struct map_entry entry;
	struct error error;
	enum map_source_result result;

	map_source_init(&source, "f", span_text(text));
	do {
		result = read(&source, &entry, &error);
		if (result == MAP_SOURCE_ENTRY)
			buf_printf(out, "%.*s=%.*s;", SPAN_ARGS(entry.key),
			    SPAN_ARGS(entry.value));
		else if (result != MAP_SOURCE_END)
			buf_printf(out, "!%.*s;", 9, error.text);
	} while (result != MAP_SOURCE_END);
	map_source_finish(&source);
}

static void
check(map_source_reader read, const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf out;

		buf_init(&out, 10000);
		describe(read, examples[i].text, &out);
		assert_span(buf_span(&out), examples[i].want);
		buf_finish(&out);
	}
}

static const struct example maps[] = {
    {"", ""},
    {"\n\n  \n# comment\n", ""},
    {"a b", "a=b;"},
    {"a b\n", "a=b;"},
    {"a\tb\r\n", "a=b;"},
    {"a  b c \nd e\n", "a=b c;d=e;"},
    {"a b\n c\n# between\n\n\td\ne f\n", "a=b c\td;e=f;"},
    {"a #b\n", "a=#b;"},
    {"  #c\na b\n", "a=b;"},
    {"\"john doe\"@x y z\n", "\"john doe\"@x=y z;"},
    {"\"a\\\" b\"@x y\n", "\"a\\\" b\"@x=y;"},
    {"a\nb c\n", "!f, line 1;b=c;"},
    {"\"never closed b\nc d\n", "!f, line 1;c=d;"},
    {"a: b\nc d\n", "!f, line 1;c=d;"},
    {"x y\n a: b\n", "x=y a: b;"},
    {" a b\nc d\n", "!f, line 1;c=d;"},
    {" a\n b\nc d\n", "!f, line 1;c=d;"},
    {"A B\n", "A=B;"},
};

static const struct example aliases[] = {
    {"", ""},
    {"a: b", "a=b;"},
    {"a:b,c\n", "a=b,c;"},
    {"a : b\n", "a=b;"},
    {"postmaster: root,\n\tother\nroot:joe\n",
	"postmaster=root,\tother;root=joe;"},
    {"\"a b\": c\n", "a b=c;"},
    {"\"a\\\"b\": c\n", "a\"b=c;"},
    {"\"a:b\": c\n", "a:b=c;"},
    {"a@b: c\n", "a@b=c;"},
    {"x: \"|prog a, b\", c\n", "x=\"|prog a, b\", c;"},
    {"x: :include:/f\n", "x=:include:/f;"},
    {"no colon\na: b\n", "!f, line 1;a=b;"},
    {"two words: b\na: b\n", "!f, line 1;a=b;"},
    {": b\n", "!f, line 1;"},
    {"\"\": b\n", "!f, line 1;"},
    {"\"open: b\n", "!f, line 1;"},
    {"\"open\\", "!f, line 1;"},
    {"a:\nb: c\n", "!f, line 1;b=c;"},
    {"a: # b\n", "a=# b;"},
};

static void
test_maps(void **state UNUSED)
{
	check(map_source_next, maps, COUNT_OF(maps));
}

static void
test_aliases(void **state UNUSED)
{
	check(alias_source_next, aliases, COUNT_OF(aliases));
}

static void
test_line_numbers(void **state UNUSED)
{
	struct map_source source;
	struct map_entry entry;
	struct error error;

	map_source_init(&source, "f", SPAN("# 1\na b\n c\n\nd e\n"));
	assert_int_equal(
	    map_source_next(&source, &entry, &error), MAP_SOURCE_ENTRY);
	assert_int_equal(entry.line, 2);
	assert_int_equal(
	    map_source_next(&source, &entry, &error), MAP_SOURCE_ENTRY);
	assert_int_equal(entry.line, 5);
	map_source_finish(&source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_maps),
	    cmocka_unit_test(test_aliases),
	    cmocka_unit_test(test_line_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
