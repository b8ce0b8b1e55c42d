/* SPDX-License-Identifier: MIT */
#include "lib/base/pool.h"

#include "../../unit.h"

static void
test_objects(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 2000, 5000, 8};
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	char *objects[COUNT_OF(sizes)];

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		objects[i] = pool_alloc(pool, sizes[i]);
		assert_non_null(objects[i]);
		assert_int_equal((uintptr_t)objects[i] % sizeof(void *), 0);
		for (size_t n = 0; n < sizes[i]; n++)
			assert_int_equal(objects[i][n], 0);
		if (sizes[i] > 0)
			memset(objects[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < COUNT_OF(sizes); i++)
		for (size_t n = 0; n < sizes[i]; n++)
			assert_int_equal(objects[i][n], (char)(i + 1));
	assert_true(pool_used(pool) > 7000);
	pool_destroy(pool);
	pool_destroy(NULL);
}

static void
test_reused_memory_is_zeroed(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);

	for (int round = 0; round < 3; round++) {
		char *bytes = pool_alloc(pool, 500);

		for (size_t i = 0; i < 500; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0x55, 500);
		pool_clear(pool);
		assert_int_equal(pool_used(pool), 0);
	}
	pool_destroy(pool);
}

static void
test_copies(void **state UNUSED)
{
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	char text[] = "words";
	struct span copy;

	assert_string_equal(pool_copy(pool, SPAN("abc")), "abc");
	assert_string_equal(pool_copy(pool, (struct span){0}), "");
	assert_string_equal(pool_printf(pool, "%d-%s", 7, "x"), "7-x");
	assert_true(pool_copy_span(pool, span_text(text), &copy));
	text[0] = 'W';
	assert_span(copy, "words");
	pool_destroy(pool);
}

static void
test_maximum(void **state UNUSED)
{
	static const char zeros[9000];
	struct pool *pool = pool_create(NULL, "test", 8192);
	struct span copy = SPAN("unchanged");
	size_t count = 0;

	while (pool_alloc(pool, 1000) != NULL)
		count++;
	assert_in_range(count, 4, 8);
	assert_true(pool_used(pool) <= 8192);
	assert_null(pool_alloc(pool, 10000));
	assert_null(pool_alloc(pool, SIZE_MAX));
	assert_false(pool_copy_span(pool, span_of(zeros, sizeof zeros), &copy));
	assert_span(copy, "unchanged");
	pool_clear(pool);
	assert_non_null(pool_alloc(pool, 1000));
	pool_destroy(pool);
}

static void
test_children_count_against_parent(void **state UNUSED)
{
	struct pool *parent = pool_create(NULL, "parent", 8192);
	struct pool *child = pool_create(parent, "child", POOL_NO_MAXIMUM);
	struct pool *grandchild = pool_create(child, "grandchild", 6000);

	assert_non_null(pool_alloc(grandchild, 5000));
	assert_true(pool_used(parent) >= 5000);
	assert_int_equal(pool_used(parent), pool_used(child));
	assert_null(pool_alloc(grandchild, 5000));
	assert_null(pool_alloc(child, 5000));
	pool_destroy(grandchild);
	assert_int_equal(pool_used(parent), 0);
	assert_non_null(pool_alloc(child, 5000));
	pool_clear(parent);
	assert_int_equal(pool_used(parent), 0);
	pool_destroy(parent);
}

struct witness {
	char order[8];
	size_t count;
};

struct note {
	struct witness *witness;
	char name;
};

static void
take_note(void *argument)
{
	struct note *note = argument;

	note->witness->order[note->witness->count++] = note->name;
}

static void
test_on_destroy(void **state UNUSED)
{
	struct witness witness = {.count = 0};
	struct note notes[] = {
	    {&witness, 'a'}, {&witness, 'b'}, {&witness, 'c'}};
	struct pool *parent = pool_create(NULL, "parent", 100);
	struct pool *child = pool_create(parent, "child", 0);

	pool_on_destroy(parent, take_note, &notes[0]);
	pool_on_destroy(parent, take_note, &notes[1]);
	pool_on_destroy(child, take_note, &notes[2]);
	pool_clear(parent);
	assert_string_equal(witness.order, "cba");
	pool_clear(parent);
	assert_int_equal(witness.count, 3);
	pool_destroy(parent);
	assert_int_equal(witness.count, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_objects),
	    cmocka_unit_test(test_reused_memory_is_zeroed),
	    cmocka_unit_test(test_copies),
	    cmocka_unit_test(test_maximum),
	    cmocka_unit_test(test_children_count_against_parent),
	    cmocka_unit_test(test_on_destroy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
