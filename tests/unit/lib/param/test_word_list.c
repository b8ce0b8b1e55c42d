/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"
#include "lib/param/word_list.h"

#include "../../unit.h"

static const struct {
	const char *list;
	const char *words; /* joined by '|' */
	const char *arguments;
} cases[] = {
    {"", "", ""},
    {" , ,", "", ",|,"},
    {"a", "a", "a"},
    {"a, b,c\td\n e", "a|b|c|d|e", "a,|b,c|d|e"},
    {"a {b, c} d", "a|{b, c}|d", "a|{b, c}|d"},
    {"x{b, {c d}}y, z", "x{b, {c d}}y|z", "x{b, {c d}}y,|z"},
    {"{a, b", "{a, b", "{a, b"},
    {"a} b", "a}|b", "a}|b"},
    {"!/file, type:/t", "!/file|type:/t", "!/file,|type:/t"},
};

static void
join(struct buf *out, bool (*next)(struct span *rest, struct span *word),
    const char *list)
{
	struct span rest = span_text(list);
	struct span word;

	buf_clear(out);
	while (next(&rest, &word)) {
		if (out->len > 0)
			buf_append_byte(out, '|');
		buf_append_span(out, word);
	}
}

static void
test_words(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		join(&out, word_list_next, cases[i].list);
		assert_string_equal(buf_text(&out), cases[i].words);
		join(&out, word_list_next_argument, cases[i].list);
		assert_string_equal(buf_text(&out), cases[i].arguments);
	}
	buf_finish(&out);
}

static const struct {
	const char *word;
	const char *inside; /* NULL = no group */
} groups[] = {
    {"{}", ""},
    {"{ a, b }", "a, b"},
    {"{a {b}}", "a {b}"},
    {"{a}{b}", NULL},
    {"{a} b", NULL},
    {"{a", NULL},
    {"a}", NULL},
    {"{", NULL},
    {"", NULL},
    {"a", NULL},
};

static void
test_groups(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		struct span inside;
		bool is_group =
		    word_list_group(span_text(groups[i].word), &inside);

		assert_int_equal(is_group, groups[i].inside != NULL);
		if (is_group)
			assert_span(inside, groups[i].inside);
	}
}

static void
test_has(void **state UNUSED)
{
	assert_true(word_list_has(SPAN("a, B c"), SPAN("b")));
	assert_false(word_list_has(SPAN("a, bc"), SPAN("b")));
	assert_false(word_list_has(SPAN(""), SPAN("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
