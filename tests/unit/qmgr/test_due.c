/* SPDX-License-Identifier: MIT */
#include "lib/base/clock.h"

#include "../unit.h"
#include "qmgr/due.h"

static const struct backoff_limits limits = {.minimum = 1, .maximum = 4000};

static struct queue_id
make_id(int number)
{
	struct queue_id id;

	snprintf(id.text, sizeof id.text, "4ABC%08dz1", number);
	return id;
}

static void
test_times(void **state UNUSED)
{
	struct queue_id a = make_id(1);
	struct queue_id b = make_id(2);

	assert_false(due_is_later(&limits, &a, 0));
	due_note(&a, 100, 0);
	assert_true(due_is_later(&limits, &a, 99));
	assert_false(due_is_later(&limits, &a, 100));
	assert_false(due_is_later(&limits, &b, 99));
	due_note(&a, 300, 200);
	assert_true(due_is_later(&limits, &a, 299));
	due_note(&b, 200, 200);
	assert_false(due_is_later(&limits, &b, 199));
	assert_int_equal(due_count(), 1);
	due_sweep(&limits, 299);
	assert_int_equal(due_count(), 1);
	due_sweep(&limits, 300);
	assert_int_equal(due_count(), 0);
	assert_false(due_is_later(&limits, &a, 299));
}

/* The clock was far ahead when it was put off. */
static void
test_clock_was_set(void **state UNUSED)
{
	int64_t decade = (int64_t)315360000 * CLOCK_SECOND;
	struct queue_id id = make_id(1);

	due_note(&id, decade + 100, decade);
	assert_true(due_is_later(&limits, &id, decade));
	assert_false(due_is_later(&limits, &id, 0));
	due_sweep(&limits, 0);
	assert_int_equal(due_count(), 0);
}

/* What does not fit is looked at again, that is all. */
static void
test_bound(void **state UNUSED)
{
	for (int i = 0; i < DUE_MAXIMUM + 10; i++) {
		struct queue_id id = make_id(i);

		due_note(&id, 1000, 0);
		assert_int_equal(
		    due_is_later(&limits, &id, 999), i < DUE_MAXIMUM);
	}
	assert_int_equal(due_count(), DUE_MAXIMUM);
	due_sweep(&limits, 1000);
	assert_int_equal(due_count(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_clock_was_set),
	    cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
