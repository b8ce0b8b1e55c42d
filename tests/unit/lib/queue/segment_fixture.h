/* SPDX-License-Identifier: MIT */
/* Small messages in segments: a writer, as cleanup has one, and the store that
 * records what becomes of them, as qmgr's does. */
#ifndef UNIT_SEGMENT_FIXTURE_H
#define UNIT_SEGMENT_FIXTURE_H

#include "lib/queue/segment_writer.h"
#include "lib/queue/store_segments.h"

#include "queue_fixture.h"

static inline struct segment_writer *
segment_fixture_writer(struct queue_fixture *queue, uint32_t number)
{
	return segment_writer_create(
	    queue->store, number, SEGMENT_SIZE_MINIMUM);
}

/* A put with one recipient and `size` bytes of body, not committed. */
static inline struct put *
segment_fixture_put(
    struct queue_fixture *queue, const char *address, size_t size)
{
	struct put *put = queue_fixture_put(queue);
	struct stored_recipient recipient = queue_fixture_recipient(address);

	assert_true(put_recipient(put, &recipient, NULL));
	queue_fixture_body(queue, put, size);
	put_header(put, SPAN("Subject: test\r\n"));
	assert_true(
	    put_attribute(put, ATTRIBUTE_SENDER, SPAN("s@example.org")));
	return put;
}

/* One message in a batch of its own; makes a segment when none is free. */
static inline struct locator
segment_fixture_message(
    struct queue_fixture *queue, struct segment_writer *writer, size_t size)
{
	struct put *put = segment_fixture_put(queue, "r@example.net", size);
	struct locator locator;
	size_t taken;

	assert_true(put_is_small(put));
	if (!segment_writer_has_room(writer, put))
		assert_ok(queue, segment_writer_make(writer, &queue->error));
	assert_ok(queue,
	    segment_writer_commit(writer, &put, 1, &taken, &queue->error));
	assert_int_equal(taken, 1);
	locator = *put_locator(put);
	put_close(put);
	return locator;
}

/* A second store on the same queue: another process, or the next one. */
static inline struct store *
segment_fixture_owner(struct queue_fixture *queue)
{
	struct store *store = store_open(queue->path, &queue->error);

	assert_non_null(store);
	assert_ok(queue, store_own_segments(store, &queue->error));
	return store;
}

/* Lists incoming/; `locators` has room for `maximum`. */
static inline size_t
segment_fixture_list(struct queue_fixture *queue, struct store *store,
    struct locator *locators, size_t maximum)
{
	struct store_scan *scan =
	    store_scan_open(store, STORE_INCOMING, 0, &queue->error);
	size_t sum = 0, found = 1;

	assert_non_null(scan);
	while (found > 0) {
		assert_ok(queue,
		    store_scan_next(scan, locators + sum, maximum - sum, &found,
			&queue->error));
		sum += found;
	}
	store_scan_close(scan);
	return sum;
}

#endif
