/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include "lib/queue/stored.h"

#include "queue_fixture.h"

/* REL-08: no prefix of a file, however short, is taken for a message. */
static void
test_rel08_every_prefix(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 3, 500);
	struct buf file = queue_fixture_read(queue, &locator);

	for (size_t len = 0; len < file.len; len++) {
		struct stored *stored;
		enum stored_result result;

		queue_fixture_write(queue, &locator, span_of(file.at, len));
		result = queue_fixture_open(queue, &locator, &stored);
		assert_int_equal(
		    result, len == 0 ? STORED_NEVER_ACCEPTED : STORED_CORRUPT);
	}
	queue_fixture_write(queue, &locator, buf_span(&file));
	queue_fixture_stored(queue, &locator);
	buf_finish(&file);
}

/* A writer that died: all but the head, up to any byte. */
static void
test_headless(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 3, 500);
	struct buf file = queue_fixture_read(queue, &locator);

	memset(file.at, 0, FORMAT_HEAD_SIZE);
	for (size_t len = FORMAT_HEAD_SIZE; len <= file.len; len++) {
		struct stored *stored;

		queue_fixture_write(queue, &locator, span_of(file.at, len));
		assert_int_equal(queue_fixture_open(queue, &locator, &stored),
		    STORED_NEVER_ACCEPTED);
	}
	buf_finish(&file);
}

/* REL-08: any byte changed anywhere is noticed. */
static void
test_rel08_every_byte(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 3, 300);
	struct buf file = queue_fixture_read(queue, &locator);

	for (size_t i = 0; i < file.len; i++) {
		struct stored *stored;
		enum stored_result result;

		file.at[i] = (char)(file.at[i] ^ 0x15);
		queue_fixture_write(queue, &locator, buf_span(&file));
		result = queue_fixture_open(queue, &locator, &stored);
		if (result == STORED_COMPLETE &&
		    !stored_verify_content(stored, &queue->error))
			result = STORED_CORRUPT;
		if (result != STORED_CORRUPT)
			fail_msg("byte %zu: %d", i, result);
		file.at[i] = (char)(file.at[i] ^ 0x15);
		pool_clear(queue->pool);
	}
	queue_fixture_write(queue, &locator, buf_span(&file));
	queue_fixture_stored(queue, &locator);
	buf_finish(&file);
}

/* What a hostile writer might put under an id. */
static void
test_gone_and_not_a_file(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 1);
	const char *path = queue_fixture_path(queue, &locator);
	struct stored *stored;

	assert_int_equal(unlink(path), 0);
	assert_int_equal(
	    queue_fixture_open(queue, &locator, &stored), STORED_GONE);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(
	    queue_fixture_open(queue, &locator, &stored), STORED_CORRUPT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(
	    queue_fixture_open(queue, &locator, &stored), STORED_CORRUPT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(
	    queue_fixture_open(queue, &locator, &stored), STORED_CORRUPT);
}

/* 100,000 recipients within 200 KB at any time, each seen once. */
static void
test_many_recipients_in_bounded_memory(void **state)
{
	enum {
		RECIPIENTS = 100000
	};
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, RECIPIENTS, 100);
	struct stored *stored = queue_fixture_stored(queue, &locator);
	struct pool *pool = pool_create(NULL, "slices", 200000);
	struct stored_cursor cursor = {0};
	struct stored_slice slice;
	unsigned seen = 0;

	assert_true(pool_used(queue->pool) < 10000);
	assert_int_equal(stored->outstanding, RECIPIENTS);
	do {
		pool_clear(pool);
		assert_ok(queue,
		    stored_read_recipients(
			pool, stored, &cursor, &slice, &queue->error));
		assert_true(slice.count <= STORED_SLICE_MAXIMUM);
		for (size_t i = 0; i < slice.count; i++, seen++) {
			char address[64];

			snprintf(
			    address, sizeof address, "r%u@example.net", seen);
			assert_int_equal(slice.recipients[i].number, seen);
			assert_span(slice.recipients[i].address, address);
		}
	} while (slice.count > 0);
	assert_int_equal(seen, RECIPIENTS);
	pool_destroy(pool);
}

static void
test_pool_maximum(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 10);
	struct pool *small = pool_create(NULL, "small", 300);
	enum stored_result result;

	assert_null(
	    stored_open(small, queue->store, &locator, &result, &queue->error));
	assert_int_equal(result, STORED_FAILED);
	assert_int_equal(queue->error.kind, ERROR_LIMIT);
	pool_destroy(small);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_rel08_every_prefix),
	    QUEUE_TEST(test_headless),
	    QUEUE_TEST(test_rel08_every_byte),
	    QUEUE_TEST(test_gone_and_not_a_file),
	    QUEUE_TEST(test_many_recipients_in_bounded_memory),
	    QUEUE_TEST(test_pool_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
