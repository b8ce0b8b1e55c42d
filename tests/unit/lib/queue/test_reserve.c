/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include "lib/queue/reserve.h"

#include "queue_fixture.h"

static off_t
size_of_file(const struct queue_fixture *queue)
{
	struct stat status;
	char path[200];

	snprintf(path, sizeof path, "%s/" RESERVE_NAME, queue->path);
	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

static void
open_reserve(struct queue_fixture *queue, struct reserve *reserve)
{
	assert_ok(queue, reserve_open(reserve, queue->path, &queue->error));
}

static void
test_is_filled_spent_and_filled_again(void **state)
{
	struct queue_fixture *queue = *state;
	struct reserve reserve;

	open_reserve(queue, &reserve);
	assert_int_equal(size_of_file(queue), 0);
	assert_false(reserve_spend(&reserve));
	for (int i = 0; i < 2; i++) {
		assert_ok(queue, reserve_fill(&reserve, &queue->error));
		assert_int_equal(size_of_file(queue), RESERVE_SIZE);
		assert_ok(queue, reserve_fill(&reserve, &queue->error));
		assert_true(reserve_spend(&reserve));
		assert_int_equal(size_of_file(queue), 0);
		assert_false(reserve_spend(&reserve));
	}
	reserve_close(&reserve);
}

static void
test_outlives_its_process(void **state)
{
	struct queue_fixture *queue = *state;
	struct reserve reserve;

	open_reserve(queue, &reserve);
	assert_ok(queue, reserve_fill(&reserve, &queue->error));
	reserve_close(&reserve);
	open_reserve(queue, &reserve);
	assert_true(reserve.is_held);
	reserve_close(&reserve);
	/* What master does at every start leaves it alone. */
	assert_ok(queue, spool_make(queue->path, NULL, &queue->error));
	assert_int_equal(size_of_file(queue), RESERVE_SIZE);
}

static void
test_one_that_was_cut_is_filled(void **state)
{
	struct queue_fixture *queue = *state;
	struct reserve reserve;
	char path[200];

	snprintf(path, sizeof path, "%s/" RESERVE_NAME, queue->path);
	assert_int_equal(truncate(path, RESERVE_SIZE / 2), 0);
	open_reserve(queue, &reserve);
	assert_false(reserve.is_held);
	assert_ok(queue, reserve_fill(&reserve, &queue->error));
	assert_int_equal(size_of_file(queue), RESERVE_SIZE);
	reserve_close(&reserve);
}

static void
test_no_file(void **state)
{
	struct queue_fixture *queue = *state;
	struct reserve reserve;
	char path[200];

	snprintf(path, sizeof path, "%s/" RESERVE_NAME, queue->path);
	assert_int_equal(unlink(path), 0);
	assert_false(reserve_open(&reserve, queue->path, &queue->error));
	assert_int_equal(queue->error.kind, ERROR_SYSTEM);
	assert_false(reserve_fill(&reserve, &queue->error));
	assert_int_equal(queue->error.kind, ERROR_NOT_FOUND);
	assert_false(reserve_spend(&reserve));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_is_filled_spent_and_filled_again),
	    QUEUE_TEST(test_outlives_its_process),
	    QUEUE_TEST(test_one_that_was_cut_is_filled),
	    QUEUE_TEST(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
