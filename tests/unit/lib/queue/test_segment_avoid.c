/* SPDX-License-Identifier: MIT */
#include "lib/queue/store_segments.h"

#include "segment_fixture.h"

enum {
	MAXIMUM = 10
};

static bool
can_open(struct queue_fixture *queue, struct store *store,
    const struct locator *locator)
{
	enum stored_result result;

	return stored_open(
		   queue->pool, store, locator, &result, &queue->error) != NULL;
}

/* What is avoided is not read as a whole, but one by one; its writer lets it
 * go, and it goes to corrupt/ as it is. */
static void
test_sets_a_segment_aside(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct locator bad = segment_fixture_message(queue, writer, 10);
	struct store *owner = segment_fixture_owner(queue);
	struct locator other, found[MAXIMUM];

	store_avoid_segment(owner, bad.in.segment);
	assert_int_equal(segment_fixture_list(queue, owner, found, MAXIMUM), 0);
	assert_true(can_open(queue, owner, &bad));
	assert_false(store_lock_segment(owner, bad.in.segment, &queue->error));
	segment_writer_abandon(writer, bad.in.segment);
	other = segment_fixture_message(queue, writer, 10);
	assert_int_not_equal(other.in.segment, bad.in.segment);
	assert_false(store_lock_segment(owner, bad.in.segment, &queue->error));
	segment_writer_let_go(writer);
	/* The second time it is gone, and nothing is left to be done. */
	for (int i = 0; i < 2; i++) {
		assert_ok(queue,
		    store_lock_segment(owner, bad.in.segment, &queue->error));
		assert_ok(queue,
		    store_set_segment_aside(
			owner, bad.in.segment, &queue->error));
	}
	assert_false(can_open(queue, owner, &bad));
	assert_int_equal(segment_fixture_list(queue, owner, found, MAXIMUM), 1);
	assert_true(id_equal(&found[0].id, &other.id));
	segment_writer_destroy(writer);
	store_close(owner);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_sets_a_segment_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
