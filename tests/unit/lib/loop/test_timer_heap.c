/* SPDX-License-Identifier: MIT */
#include "lib/base/random.h"
#include "lib/loop/timer_heap.h"

#include "../../unit.h"

enum {
	TIMERS = 500
};

/* Takes all out and checks their order. */
static size_t
drain(struct timer_heap *heap)
{
	struct loop_timer *timer;
	int64_t before = INT64_MIN;
	size_t count = 0;

	while ((timer = timer_heap_first(heap)) != NULL) {
		assert_true(timer->deadline >= before);
		before = timer->deadline;
		timer_heap_remove(heap, timer);
		assert_int_equal(timer->heap_index, 0);
		count++;
	}
	return count;
}

static void
orders_at_random(void **state UNUSED)
{
	static struct loop_timer timers[TIMERS];
	struct timer_heap heap = {0};

	for (size_t i = 0; i < TIMERS; i++) {
		timers[i].deadline = (int64_t)random_below(100);
		timer_heap_add(&heap, &timers[i]);
	}
	assert_int_equal(drain(&heap), TIMERS);
	timer_heap_finish(&heap);
}

static void
removes_from_the_middle(void **state UNUSED)
{
	static struct loop_timer timers[TIMERS];
	struct timer_heap heap = {0};
	size_t left = TIMERS;

	for (size_t i = 0; i < TIMERS; i++) {
		timers[i].deadline = (int64_t)random_below(1000000);
		timer_heap_add(&heap, &timers[i]);
	}
	for (size_t i = 0; i < TIMERS; i++) {
		if (random_below(2) == 0)
			continue;
		timer_heap_remove(&heap, &timers[i]);
		timer_heap_remove(&heap, &timers[i]);
		left--;
	}
	assert_int_equal(drain(&heap), left);
	assert_null(timer_heap_first(&heap));
	timer_heap_finish(&heap);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(orders_at_random),
	    cmocka_unit_test(removes_from_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
