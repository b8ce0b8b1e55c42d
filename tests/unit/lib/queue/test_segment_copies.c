/* SPDX-License-Identifier: MIT */
/* Many files synced at once: by threads, and with a failure among them. */
#include "lib/queue/segment_copies.h"

#include "segment_fixture.h"

enum {
	MANY = 150
};

/* The whole fixture: copies of `count` messages, not synced. */
static struct segment_copies *
make_copies(struct queue_fixture *queue, size_t count)
{
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct segment_copies *copies = calloc(1, sizeof *copies);

	assert_non_null(copies);
	for (; copies->count < count; copies->count++) {
		struct locator locator =
		    segment_fixture_message(queue, writer, 500);

		assert_ok(queue,
		    segment_message_begin_copy(queue->store, &locator,
			&copies->copy[copies->count], &queue->error));
	}
	segment_writer_destroy(writer);
	return copies;
}

static bool
is_there(struct queue_fixture *queue, const struct segment_copy *copy)
{
	enum stored_result result;

	return stored_open(queue->pool, queue->store, &copy->own, &result,
		   &queue->error) != NULL;
}

static void
test_all_are_synced(void **state)
{
	static const size_t counts[] = {0, 1, 7, 8, 9, MANY};
	struct queue_fixture *queue = *state;

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct segment_copies *copies = make_copies(queue, counts[i]);
		size_t synced = 1;

		assert_ok(queue,
		    segment_copies_sync(
			copies, queue->store, &synced, &queue->error));
		assert_int_equal(synced, counts[i] + 1);
		assert_int_equal(copies->count, 0);
		for (size_t k = 0; k < counts[i]; k++)
			assert_true(is_there(queue, &copies->copy[k]));
		free(copies);
	}
}

/* REL-04: its file is removed, the others count. */
static void
test_rel04_failed_sync(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_copies *copies = make_copies(queue, MANY);
	int ends[2];
	size_t synced = 0;

	/* fsync of a pipe fails. */
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_true(dup3(ends[1], copies->copy[70].fd, O_CLOEXEC) >= 0);
	assert_false(
	    segment_copies_sync(copies, queue->store, &synced, &queue->error));
	assert_int_equal(queue->error.kind, ERROR_SYSTEM);
	assert_non_null(
	    strstr(queue->error.text, copies->copy[70].own.id.text));
	assert_int_equal(synced, MANY - 1);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(is_there(queue, &copies->copy[i]), i != 70);
	close(ends[0]);
	close(ends[1]);
	free(copies);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_all_are_synced,
		queue_fixture_setup, queue_fixture_teardown),
	    cmocka_unit_test_setup_teardown(test_rel04_failed_sync,
		queue_fixture_setup, queue_fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
