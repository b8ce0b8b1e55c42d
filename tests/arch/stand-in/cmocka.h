/* SPDX-License-Identifier: MIT */
/* The little of cmocka that the coroutine and loop tests use, for processors
 * that the build machine has a compiler and an emulator for but no library. */
#ifndef ARCH_CMOCKA_H
#define ARCH_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*test)(void **state);
};

#define cmocka_unit_test(function)  \
	{                           \
#function, function \
	}

#define print_error(...) fprintf(stderr, __VA_ARGS__)

static inline void
_fail(const char *file, int line)
{
	fprintf(stderr, "%s:%d: failed\n", file, line);
	abort();
}

#define assert_true(condition) \
	((condition) ? (void)0 : _fail(__FILE__, __LINE__))
#define assert_false(condition)  assert_true(!(condition))
#define assert_null(pointer)     assert_true((pointer) == NULL)
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#define assert_int_equal(actual, want) \
	assert_true((long long)(actual) == (long long)(want))
#define assert_string_equal(actual, want) \
	assert_true(strcmp((actual), (want)) == 0)
#define assert_in_range(value, low, high) \
	assert_true((value) >= (low) && (value) <= (high))

#define cmocka_run_group_tests(tests, setup, teardown) \
	run_tests(                                     \
	    (tests), sizeof(tests) / sizeof(tests)[0], (setup), (teardown))

static inline int
run_tests(const struct CMUnitTest *tests, size_t count,
    int (*setup)(void **state), int (*teardown)(void **state))
{
	void *state = NULL;

	if (setup != NULL && setup(&state) != 0)
		return 1;

	for (size_t i = 0; i < count; i++) {
		printf("%s\n", tests[i].name);
		tests[i].test(&state);
	}
	return teardown != NULL ? teardown(&state) : 0;
}

#endif
