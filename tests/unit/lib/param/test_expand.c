/* SPDX-License-Identifier: MIT */
#include "lib/param/expand.h"

#include "../../unit.h"

static const struct {
	const char *name;
	const char *value;
} names[] = {
    {"a", "x"},
    {"b", "<$a>"},
    {"empty", ""},
    {"hollow", "$empty"},
    {"level", "3.6"},
    {"smtp-amavis_time_limit", "5s"},
    {"loop", "$loop"},
    {"ping", "${pong}"},
    {"pong", "${a?$ping}"},
    {"n9", "9"},
};

static bool
find(void *argument UNUSED, struct span name, struct span *value)
{
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (span_equal(name, span_text(names[i].name))) {
			*value = span_text(names[i].value);
			return true;
		}
	return false;
}

static const struct expand_names resolver = {.find = find};

static const struct {
	const char *text;
	const char *result;
} cases[] = {
    {"", ""},
    {"plain text", "plain text"},
    {"$a", "x"},
    {"${a}", "x"},
    {"$(a)", "x"},
    {"-$a-${a}-$b", "-x-x-<x>"},
    {"$a.c", "x.c"},
    {"$unknown|", "|"},
    {"$$a $$", "$a $"},
    {"${smtp-amavis_time_limit}", "5s"},
    {"${a?yes}", "yes"},
    {"${a?{yes}}", "yes"},
    {"${a?$b}", "<x>"},
    {"${empty?yes}", ""},
    {"${hollow?yes}", ""},
    {"${unknown?yes}", ""},
    {"${a:no}", ""},
    {"${empty:no}", "no"},
    {"${unknown:$a}", "x"},
    {"${a?{1}:{2}}", "1"},
    {"${empty?{1}:{2}}", "2"},
    {"${empty ?{1}:{2}}", "2"},
    {"${ a }", "x"},
    {"${ a ? b }", " b "},
    {"${a? {1} : {2} }", "1"},
    {"${a?{1}:two}", "1"},
    {"${empty?{1}:two}", "two"},
    {"${a?${b?{deep}:{no}}}", "deep"},
    {"${a?b:c}", "b:c"},
    {"$(a?b)", "b"},
    {"${{$a} == {x} ? {same} : {other}}", "same"},
    {"${{$a}!={x}?{same}:{other}}", "other"},
    {"${{$a}=={x}}", "true"},
    {"${{$a}=={y}}", ""},
    {"${{$a}=={x}?yes}", "yes"},
    {"${{$a}=={y}:no}", "no"},
    {"${{9} < {10} ? {1} : {0}}", "1"},
    {"${{$n9} >= {09} ? {1} : {0}}", "1"},
    {"${{9} <= {10a} ? {1} : {0}}", "0"},
    {"${{abc} > {abd} ? {1} : {0}}", "0"},
    {"${{$level} <level {3.11} ? {old} : {new}}", "old"},
    {"${{3.11} <level {3.6} ? {old} : {new}}", "new"},
    {"${{3.6} <=level {3.6.0} ? {old} : {new}}", "old"},
    {"${{4} >level {3.99} ? {1} : {0}}", "1"},
    {"${{3.6} ==level {3.06} ? {1} : {0}}", "1"},
    {"${{3.6} !=level {3.6} ? {1} : {0}}", "0"},
    {"${{3} >=level {2} ? {1} : {0}}", "1"},
    {"${stress?{10}:{300}}s", "300s"},
    {"$", NULL},
    {"a $ b", NULL},
    {"$-", NULL},
    {"${", NULL},
    {"${}", NULL},
    {"${a", NULL},
    {"$(a", NULL},
    {"${a!}", NULL},
    {"${a?{1}x}", NULL},
    {"${a?{1}:{2}x}", NULL},
    {"${a?{1}", NULL},
    {"${{a} ~ {b}}", NULL},
    {"${{a} == b}", NULL},
    {"${{a}}", NULL},
    {"${{x} <level {3} ? {1} : {0}}", NULL},
    {"${domain_to_ascii{$a}}", "x"},
    {"${domain_to_ascii{$empty}:none}", "none"},
    {"${domain_to_ascii{\xc3\xa9}}", NULL},
    {"${domain_to_utf8{$a}}", NULL},
    {"$loop", NULL},
    {"$ping", NULL},
    {"${a?$$}$a", "$x"},
};

static void
test_expand(void **state UNUSED)
{
	struct error error;
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		buf_clear(&out);
		error.text[0] = '\0';
		if (expand_text(
			span_text(cases[i].text), &resolver, &out, &error)) {
			assert_non_null(cases[i].result);
			assert_string_equal(buf_text(&out), cases[i].result);
		} else {
			assert_null(cases[i].result);
			assert_string_not_equal(error.text, "");
		}
	}
	buf_finish(&out);
}

static void
test_messages(void **state UNUSED)
{
	struct error error;
	struct buf out;

	buf_init(&out, 3);
	assert_false(expand_text(SPAN("$ping"), &resolver, &out, &error));
	assert_string_equal(error.text, "\"ping\" refers to itself");
	assert_false(expand_text(SPAN("${a"), &resolver, &out, &error));
	assert_string_equal(error.text, "\"{\" without \"}\" in \"{a\"");
	assert_false(expand_text(SPAN("12345"), &resolver, &out, &error));
	assert_string_equal(error.text, "expands to too much");
	buf_finish(&out);
}

/* Each name is twice the one behind it and the last is empty: 2^26 lookups
 * that never add a byte. */
static bool
find_double(void *argument, struct span name, struct span *value)
{
	char(*texts)[8] = argument;
	char letter = name.at[0];

	if (letter == 'z') {
		*value = SPAN_EMPTY;
	} else {
		snprintf(texts[letter - 'a'], sizeof texts[0], "$%c$%c",
		    letter + 1, letter + 1);
		*value = span_text(texts[letter - 'a']);
	}
	return true;
}

static void
test_bounded(void **state UNUSED)
{
	char texts[26][8];
	struct expand_names doubling = {find_double, NULL, texts};
	char deep[2000];
	struct error error;
	struct buf out;

	buf_init(&out, 1000);
	assert_false(expand_text(SPAN("$a"), &doubling, &out, &error));
	assert_int_equal(error.kind, ERROR_LIMIT);
	assert_true(expand_text(SPAN("$w"), &doubling, &out, &error));
	deep[0] = '\0';
	for (size_t i = 0; i < 300; i++)
		memcpy(deep + 4 * i, "${a?", 5);
	memset(deep + 1200, '}', 300);
	assert_false(expand_text(span_of(deep, 1500), &resolver, &out, &error));
	assert_string_equal(error.text, "expressions nested too deeply");
	buf_finish(&out);
}

static void
add_name(void *argument, struct span name)
{
	struct buf *out = argument;

	buf_append_span(out, name);
	buf_append_byte(out, ' ');
}

static void
test_references(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 1000);
	expand_references(
	    SPAN("$a ${b} $(c) ${d?$e} ${f:{$g}} $$x "
		 "${{$h} == {$i} ? {$j} : {${k?{$l}:{$m}}}} ${f{$n}} ${o $p"),
	    add_name, &out);
	assert_string_equal(buf_text(&out), "a b c d e f g h i j k l m n ");
	buf_finish(&out);
}

static void
test_undefined(void **state UNUSED)
{
	struct error error;
	struct buf undefined;
	struct buf out;

	buf_init(&undefined, 1000);
	buf_init(&out, 1000);
	assert_true(expand_text(SPAN("$a $p ${q?x} ${r:y} ${s}"),
	    &(struct expand_names){find, add_name, &undefined}, &out, &error));
	assert_string_equal(buf_text(&out), "x   y ");
	assert_string_equal(buf_text(&undefined), "p s ");
	buf_finish(&undefined);
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_expand),
	    cmocka_unit_test(test_messages),
	    cmocka_unit_test(test_bounded),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_undefined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
