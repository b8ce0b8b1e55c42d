/* SPDX-License-Identifier: MIT */
/* A queue in a temporary directory, and messages in it. */
#ifndef UNIT_QUEUE_FIXTURE_H
#define UNIT_QUEUE_FIXTURE_H

#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/queue/spool_make.h"
#include "lib/queue/store.h"

#include "../../unit.h"

struct queue_fixture {
	char path[64];
	struct store *store;
	struct id_source ids;
	struct pool *pool;
	struct error error;
};

static inline int
queue_fixture_remove(const char *path, const struct stat *status UNUSED,
    int type UNUSED, struct FTW *walk UNUSED)
{
	return remove(path);
}

static inline int
queue_fixture_setup(void **state)
{
	struct queue_fixture *queue = calloc(1, sizeof *queue);

	snprintf(queue->path, sizeof queue->path, "/tmp/postern-queue-XXXXXX");
	*state = queue;
	if (mkdtemp(queue->path) == NULL ||
	    !spool_make(queue->path, NULL, &queue->error))
		return -1;
	queue->store = store_open(queue->path, &queue->error);
	queue->pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	id_source_init(&queue->ids, 1);
	return queue->store == NULL ? -1 : 0;
}

static inline int
queue_fixture_teardown(void **state)
{
	struct queue_fixture *queue = *state;
	int result;

	pool_destroy(queue->pool);
	store_close(queue->store);
	result =
	    nftw(queue->path, queue_fixture_remove, 10, FTW_DEPTH | FTW_PHYS);
	free(queue);
	return result;
}

#define QUEUE_TEST(test)                 \
	cmocka_unit_test_setup_teardown( \
	    test, queue_fixture_setup, queue_fixture_teardown)

#define assert_ok(queue, result)                                          \
	do {                                                              \
		if (!(result))                                            \
			fail_msg("%s: %s", #result, (queue)->error.text); \
	} while (0)

static inline struct put *
queue_fixture_put(struct queue_fixture *queue)
{
	int64_t now = clock_wall();
	struct queue_id id = id_next(&queue->ids, now);

	return put_create(queue->store, &id, now);
}

static inline struct stored_recipient
queue_fixture_recipient(const char *address)
{
	return (struct stored_recipient){.address = span_text(address),
	    .original = SPAN_EMPTY,
	    .orcpt = SPAN_EMPTY};
}

/* Gives the put `size` bytes of body that depend on their position. */
static inline void
queue_fixture_body(struct queue_fixture *queue, struct put *put, size_t size)
{
	char bytes[1024];

	for (size_t done = 0; done < size;) {
		size_t count = size - done;

		if (count > sizeof bytes)
			count = sizeof bytes;
		for (size_t i = 0; i < count; i++)
			bytes[i] = (char)('a' + (done + i) % 26);
		if (put_wants_flush(put))
			assert_ok(queue, put_flush(put, &queue->error));
		assert_true(put_body(put, span_of(bytes, count)));
		done += count;
	}
}

/* A message with `recipients` recipients (r0@example.net, r1...) and `size`
 * bytes of body, unlocked and closed. */
static inline struct locator
queue_fixture_message(
    struct queue_fixture *queue, unsigned recipients, size_t size)
{
	struct put *put = queue_fixture_put(queue);
	struct locator locator;
	char address[64];

	for (unsigned i = 0; i < recipients; i++) {
		struct stored_recipient recipient;

		snprintf(address, sizeof address, "r%u@example.net", i);
		recipient = queue_fixture_recipient(address);
		if (put_wants_flush(put))
			assert_ok(queue, put_flush(put, &queue->error));
		assert_true(put_recipient(put, &recipient, NULL));
	}
	queue_fixture_body(queue, put, size);
	put_header(put, SPAN("Subject: test\r\n"));
	assert_true(
	    put_attribute(put, ATTRIBUTE_SENDER, SPAN("s@example.org")));
	assert_ok(queue, put_commit(put, &locator, &queue->error));
	put_close(put);
	return locator;
}

/* The path of the message's file. */
static inline const char *
queue_fixture_path(
    const struct queue_fixture *queue, const struct locator *locator)
{
	static char path[160];

	if (locator->place == PLACE_DEFERRED)
		snprintf(path, sizeof path, "%s/deferred/%llx/%s", queue->path,
		    (unsigned long long)locator->bucket, locator->id.text);
	else
		snprintf(path, sizeof path, "%s/%s/%s", queue->path,
		    locator_queue(locator), locator->id.text);
	return path;
}

/* The bytes of the file; the caller calls buf_finish. */
static inline struct buf
queue_fixture_read(
    const struct queue_fixture *queue, const struct locator *locator)
{
	struct buf bytes;
	struct error error;

	buf_init(&bytes, 64 << 20);
	if (!io_read_file(
		AT_FDCWD, queue_fixture_path(queue, locator), &bytes, &error))
		fail_msg("%s", error.text);
	return bytes;
}

/* Puts `bytes` in place of the file's. */
static inline void
queue_fixture_write(const struct queue_fixture *queue,
    const struct locator *locator, struct span bytes)
{
	int fd = open(queue_fixture_path(queue, locator),
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_true(io_write(fd, bytes, NULL));
	assert_int_equal(close(fd), 0);
}

static inline enum stored_result
queue_fixture_open(struct queue_fixture *queue, const struct locator *locator,
    struct stored **stored)
{
	enum stored_result result;

	*stored = stored_open(
	    queue->pool, queue->store, locator, &result, &queue->error);
	assert_true((*stored != NULL) == (result == STORED_COMPLETE));
	return result;
}

/* The message, which has to be sound. */
static inline struct stored *
queue_fixture_stored(struct queue_fixture *queue, const struct locator *locator)
{
	struct stored *stored;

	assert_ok(queue,
	    queue_fixture_open(queue, locator, &stored) == STORED_COMPLETE);
	assert_ok(queue, stored_verify_content(stored, &queue->error));
	return stored;
}

#endif
