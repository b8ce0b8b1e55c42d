/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "master/suspects.h"

static const struct suspects_rule rule = {
    .alone = 2,
    .certain = 4,
    .window = 1000,
    .memory = 5000,
};

static struct suspects suspects;

static int
setup(void **state UNUSED)
{
	suspects = (struct suspects){.rule = &rule};
	return 0;
}

static void
note(const char *words, int64_t now)
{
	struct span rest = span_text(words);
	struct span names[8];
	size_t count = 0;

	while (span_take_word(&rest, " ", &names[count]))
		count++;
	suspects_note(&suspects, names, count, now);
}

static bool
is_guilty(const char *name)
{
	const struct suspect *suspect =
	    suspects_find(&suspects, span_text(name));

	return suspect != NULL && suspect->is_guilty;
}

/* What was in hand in each crash, and who is guilty after the last. */
static void
test_rule(void **state UNUSED)
{
	static const struct {
		const char *crashes[5];
		const char *guilty;
		const char *innocent;
	} cases[] = {
	    {{"a"}, "", "a"},
	    {{"a", "a"}, "a", ""},
	    {{"a b", "a"}, "a", "b"},
	    {{"a b", "b", "a"}, "a b", ""},
	    /* Nobody can tell which of two it was. */
	    {{"a b", "a b"}, "", "a b"},
	    {{"a b", "a b", "a"}, "a", "b"},
	    /* A bystander that met another one's death twice. */
	    {{"a b", "a c", "a"}, "a", "b c"},
	    {{"a b", "a b", "a b"}, "", "a b"},
	    {{"a b", "a b", "a b", "a b"}, "a b", ""},
	    {{"", "a", ""}, "", "a"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct span rest, word;
		char name[8];

		setup(NULL);
		for (int64_t j = 0; j < 5 && cases[i].crashes[j] != NULL; j++)
			note(cases[i].crashes[j], j * 10);
		rest = span_text(cases[i].guilty);
		while (span_take_word(&rest, " ", &word)) {
			snprintf(name, sizeof name, "%.*s", SPAN_ARGS(word));
			if (!is_guilty(name))
				fail_msg("case %zu: %s is not guilty", i, name);
		}
		rest = span_text(cases[i].innocent);
		while (span_take_word(&rest, " ", &word)) {
			snprintf(name, sizeof name, "%.*s", SPAN_ARGS(word));
			if (is_guilty(name))
				fail_msg("case %zu: %s is guilty", i, name);
		}
	}
}

static void
test_time(void **state UNUSED)
{
	note("a", 0);
	note("a", 1001);
	assert_false(is_guilty("a"));
	note("a", 2001);
	assert_true(is_guilty("a"));
	assert_false(suspects_sweep(&suspects, 7001));
	assert_true(is_guilty("a"));
	assert_true(suspects_sweep(&suspects, 7002));
	assert_null(suspects_find(&suspects, SPAN("a")));
}

static void
test_forgetting(void **state UNUSED)
{
	note("a", 0);
	note("a", 1);
	suspects_forget(&suspects, SPAN("a"));
	suspects_forget(&suspects, SPAN("a"));
	assert_null(suspects_find(&suspects, SPAN("a")));
	note("a", 2);
	assert_false(is_guilty("a"));
}

/* The oldest goes when there are too many. */
static void
test_bounded(void **state UNUSED)
{
	char name[16];

	for (int i = 0; i < SUSPECTS_MAXIMUM + 3; i++) {
		snprintf(name, sizeof name, "n%d", i);
		note(name, i / 10);
	}
	assert_int_equal(suspects.count, SUSPECTS_MAXIMUM);
	assert_non_null(suspects_find(&suspects, span_text(name)));
	assert_null(suspects_find(&suspects, SPAN("n0")));
}

/* Two crashes at one time, each with as many as there is room for: those of the
 * second are all there. */
static void
test_crowd(void **state UNUSED)
{
	static char text[2][SUSPECTS_MAXIMUM][16];
	static struct span names[2][SUSPECTS_MAXIMUM];

	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < SUSPECTS_MAXIMUM; j++) {
			snprintf(
			    text[i][j], 16, "%c%zu", i == 0 ? 'a' : 'b', j);
			names[i][j] = span_text(text[i][j]);
		}
		suspects_note(&suspects, names[i], SUSPECTS_MAXIMUM, 0);
	}
	for (size_t j = 0; j < SUSPECTS_MAXIMUM; j++)
		assert_non_null(suspects_find(&suspects, names[1][j]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_rule, setup),
	    cmocka_unit_test_setup(test_time, setup),
	    cmocka_unit_test_setup(test_forgetting, setup),
	    cmocka_unit_test_setup(test_bounded, setup),
	    cmocka_unit_test_setup(test_crowd, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
