/* SPDX-License-Identifier: MIT */
#include "../../unit.h"

static const struct {
	const char *a;
	const char *b;
	bool equal, equal_fold, starts, starts_fold, ends, ends_fold;
} comparisons[] = {
    {"", "", true, true, true, true, true, true},
    {"a", "", false, false, true, true, true, true},
    {"", "a", false, false, false, false, false, false},
    {"abc", "abc", true, true, true, true, true, true},
    {"abc", "ABC", false, true, false, true, false, true},
    {"abc", "ab", false, false, true, true, false, false},
    {"abc", "AB", false, false, false, true, false, false},
    {"abc", "bc", false, false, false, false, true, true},
    {"abc", "BC", false, false, false, false, false, true},
    {"ab", "abc", false, false, false, false, false, false},
};

static void
test_compare(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(comparisons); i++) {
		struct span a = span_text(comparisons[i].a);
		struct span b = span_text(comparisons[i].b);

		assert_int_equal(span_equal(a, b), comparisons[i].equal);
		assert_int_equal(
		    span_equal_fold(a, b), comparisons[i].equal_fold);
		assert_int_equal(span_starts(a, b), comparisons[i].starts);
		assert_int_equal(
		    span_starts_fold(a, b), comparisons[i].starts_fold);
		assert_int_equal(span_ends(a, b), comparisons[i].ends);
		assert_int_equal(
		    span_ends_fold(a, b), comparisons[i].ends_fold);
		assert_int_equal(span_compare(a, b) == 0, comparisons[i].equal);
	}
}

static void
test_order(void **state UNUSED)
{
	assert_true(span_compare(SPAN("a"), SPAN("b")) < 0);
	assert_true(span_compare(SPAN("b"), SPAN("a")) > 0);
	assert_true(span_compare(SPAN("a"), SPAN("aa")) < 0);
	assert_true(span_compare(SPAN("aa"), SPAN("a")) > 0);
	assert_true(span_compare(SPAN("\x7f"), SPAN("\x80")) < 0);
	assert_false(span_equal(SPAN("a\0b"), SPAN("a\0c")));
}

static void
test_zeroed_span_is_empty(void **state UNUSED)
{
	struct span zero = {0};

	assert_true(span_equal(zero, SPAN_EMPTY));
	assert_true(span_equal_fold(zero, zero));
	assert_true(span_starts(SPAN("a"), zero));
	assert_true(span_ends_fold(zero, zero));
	assert_int_equal(span_compare(zero, zero), 0);
	assert_int_equal(span_find(zero, 'a'), 0);
	assert_int_equal(span_find_last(zero, 'a'), 0);
	assert_int_equal(span_find_span(zero, SPAN("a")), 0);
	assert_int_equal(span_skip(zero, 3).len, 0);
	assert_int_equal(span_trim(zero).len, 0);
	assert_true(span_equal(span_text(NULL), SPAN_EMPTY));
}

static const struct {
	const char *text;
	char byte;
	size_t first, last;
} searches[] = {
    {"", 'a', 0, 0},
    {"abcabc", 'b', 1, 4},
    {"abc", 'c', 2, 2},
    {"abc", 'x', 3, 3},
};

static void
test_find(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(searches); i++) {
		struct span text = span_text(searches[i].text);

		assert_int_equal(
		    span_find(text, searches[i].byte), searches[i].first);
		assert_int_equal(
		    span_find_last(text, searches[i].byte), searches[i].last);
	}
	assert_int_equal(span_find_span(SPAN("xxabab"), SPAN("ab")), 2);
	assert_int_equal(span_find_span(SPAN("xxa"), SPAN("ab")), 3);
	assert_int_equal(span_find_span(SPAN("xx"), SPAN_EMPTY), 0);
}

static const struct {
	const char *text;
	const char *head;
	const char *tail;
	bool found;
} splits[] = {
    {"", "", "", false},
    {":", "", "", true},
    {"a", "a", "", false},
    {"a:", "a", "", true},
    {":b", "", "b", true},
    {"a:b:c", "a", "b:c", true},
};

static void
test_split(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(splits); i++) {
		struct span head;
		struct span tail;

		assert_int_equal(
		    span_split(span_text(splits[i].text), ':', &head, &tail),
		    splits[i].found);
		assert_span(head, splits[i].head);
		assert_span(tail, splits[i].tail);
	}
}

static void
test_cut(void **state UNUSED)
{
	assert_span(span_skip(SPAN("abc"), 1), "bc");
	assert_span(span_skip(SPAN("abc"), 9), "");
	assert_span(span_head(SPAN("abc"), 2), "ab");
	assert_span(span_head(SPAN("abc"), 9), "abc");
	assert_span(span_trim(SPAN(" \t a b\r\n ")), "a b");
	assert_span(span_trim(SPAN(" \n")), "");
}

static void
test_take_word(void **state UNUSED)
{
	struct span rest = SPAN(", one,two ,\t three ");
	struct span word;

	assert_true(span_take_word(&rest, ", \t", &word));
	assert_span(word, "one");
	assert_true(span_take_word(&rest, ", \t", &word));
	assert_span(word, "two");
	assert_true(span_take_word(&rest, ", \t", &word));
	assert_span(word, "three");
	assert_false(span_take_word(&rest, ", \t", &word));
	assert_span(word, "");
	rest = SPAN("a\0b");
	assert_true(span_take_word(&rest, " ", &word));
	assert_int_equal(word.len, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_compare),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_zeroed_span_is_empty),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_take_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
