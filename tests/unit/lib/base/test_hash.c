/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "lib/base/hash.h"

#include "../../unit.h"

static void
test_basics(void **state UNUSED)
{
	struct hash *hash = hash_create();
	int one = 1;
	int two = 2;

	assert_null(hash_get(hash, SPAN("a")));
	assert_null(hash_remove(hash, SPAN("a")));
	assert_null(hash_put(hash, SPAN("a"), &one));
	assert_ptr_equal(hash_get(hash, SPAN("a")), &one);
	assert_null(hash_get(hash, SPAN("A")));
	assert_ptr_equal(hash_put(hash, SPAN("a"), &two), &one);
	assert_int_equal(hash_count(hash), 1);
	assert_ptr_equal(hash_remove(hash, SPAN("a")), &two);
	assert_int_equal(hash_count(hash), 0);
	assert_null(hash_get(hash, SPAN("a")));
	hash_destroy(hash);
	hash_destroy(NULL);
}

static void
test_keys_are_bytes_and_copied(void **state UNUSED)
{
	struct hash *hash = hash_create();
	char key[] = "k\0one";
	int values[3];

	hash_put(hash, span_of(key, 5), &values[0]);
	hash_put(hash, SPAN("k"), &values[1]);
	hash_put(hash, (struct span){0}, &values[2]);
	key[2] = 'X';
	assert_ptr_equal(hash_get(hash, SPAN("k\0one")), &values[0]);
	assert_ptr_equal(hash_get(hash, SPAN("k")), &values[1]);
	assert_ptr_equal(hash_get(hash, SPAN_EMPTY), &values[2]);
	assert_null(hash_get(hash, span_of(key, 5)));
	hash_destroy(hash);
}

static struct span
key_of(size_t i, char *text, size_t size)
{
	int len = snprintf(text, size, "key-%zu", i);

	return span_of(text, (size_t)len);
}

static void
test_many(void **state UNUSED)
{
	enum {
		COUNT = 2000
	};

	static size_t values[COUNT];
	struct hash *hash = hash_create();
	char text[32];

	for (size_t i = 0; i < COUNT; i++)
		assert_null(
		    hash_put(hash, key_of(i, text, sizeof text), &values[i]));
	for (size_t i = 0; i < COUNT; i += 2)
		assert_ptr_equal(
		    hash_remove(hash, key_of(i, text, sizeof text)),
		    &values[i]);
	assert_int_equal(hash_count(hash), COUNT / 2);
	for (size_t i = 0; i < COUNT; i++)
		assert_ptr_equal(hash_get(hash, key_of(i, text, sizeof text)),
		    i % 2 == 0 ? NULL : &values[i]);
	hash_destroy(hash);
}

static void
test_churn_does_not_fill_the_table(void **state UNUSED)
{
	struct hash *hash = hash_create();
	char text[32];
	int value;

	for (size_t i = 0; i < 10000; i++) {
		struct span key = key_of(i, text, sizeof text);

		assert_null(hash_put(hash, key, &value));
		assert_ptr_equal(hash_remove(hash, key), &value);
	}
	assert_int_equal(hash_count(hash), 0);
	assert_null(hash_get(hash, SPAN("absent")));
	hash_destroy(hash);
}

static void
test_walk(void **state UNUSED)
{
	enum {
		COUNT = 100
	};

	int seen[COUNT] = {0};
	struct hash *hash = hash_create();
	struct hash_cursor cursor = {0};
	struct span key;
	char text[32];
	int *value;

	assert_null(hash_next(hash, &cursor, NULL));
	for (size_t i = 0; i < COUNT; i++)
		hash_put(hash, key_of(i, text, sizeof text), &seen[i]);
	cursor = (struct hash_cursor){0};
	while ((value = hash_next(hash, &cursor, &key)) != NULL) {
		struct span want =
		    key_of((size_t)(value - seen), text, sizeof text);

		assert_true(span_equal(key, want));
		(*value)++;
		assert_ptr_equal(hash_remove(hash, want), value);
	}
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(hash_count(hash), 0);
	hash_destroy(hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_basics),
	    cmocka_unit_test(test_keys_are_bytes_and_copied),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_churn_does_not_fill_the_table),
	    cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
