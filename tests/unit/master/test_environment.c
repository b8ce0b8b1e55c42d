/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"

#include "../unit.h"
#include "master/environment.h"

static const char *
find(char *const *environment, const char *start)
{
	for (; *environment != NULL; environment++)
		if (span_starts(span_text(*environment), span_text(start)))
			return *environment;
	return NULL;
}

static void
test_zone_rule(void **state UNUSED)
{
	static const char version_2[] = "TZif2....data\n\nCET-1CEST,M3.5.0\n";

	static const struct {
		struct span file;
		const char *want;
	} cases[] = {
	    {{version_2, sizeof version_2 - 1}, "CET-1CEST,M3.5.0"},
	    {{"TZif3\nUTC0\n", 11}, "UTC0"},
	    {{"TZif2\n\n", 7}, ""},
	    {{"TZif\0\nUTC0\n", 11}, ""}, /* version 1 has no rule */
	    {{"TZif2\nUTC0", 10}, ""},    /* cut off */
	    {{"TZif2\n", 6}, ""},
	    {{"TZif", 4}, ""},
	    {{"what\nUTC0\n", 10}, ""},
	    {{"", 0}, ""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_span(
		    environment_zone_rule(cases[i].file), cases[i].want);
}

static void
test_import(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	char *const *environment;

	assert_int_equal(setenv("FAKE_GIVEN", "from outside", 1), 0);
	assert_int_equal(setenv("FAKE_SECRET", "stays outside", 1), 0);
	assert_int_equal(unsetenv("FAKE_MISSING"), 0);
	environment = environment_make(pool,
	    SPAN("FAKE_GIVEN, FAKE_MISSING LANG=C {NAME=two words} TZ=EST5"));
	assert_string_equal(
	    find(environment, "FAKE_GIVEN"), "FAKE_GIVEN=from outside");
	assert_string_equal(find(environment, "LANG"), "LANG=C");
	assert_string_equal(find(environment, "NAME"), "NAME=two words");
	assert_string_equal(find(environment, "TZ"), "TZ=EST5");
	assert_non_null(find(environment, "PATH="));
	assert_null(find(environment, "FAKE_SECRET"));
	assert_null(find(environment, "FAKE_MISSING"));
	pool_destroy(pool);
}

static void
test_too_many(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	char *const *environment;
	struct buf words;
	size_t count = 0;

	buf_init(&words, 100000);
	for (int i = 0; i < 1000; i++)
		assert_true(buf_printf(&words, "A%d=x ", i));
	environment = environment_make(pool, buf_span(&words));
	while (environment[count] != NULL)
		count++;
	assert_in_range(count, 50, 64);
	buf_finish(&words);
	pool_destroy(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_zone_rule),
	    cmocka_unit_test(test_import),
	    cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
