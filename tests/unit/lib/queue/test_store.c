/* SPDX-License-Identifier: MIT */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "lib/base/crc32c.h"
#include "lib/queue/little.h"
#include "lib/queue/store.h"

#include "queue_fixture.h"

enum {
	QUARTER = 900
};

static struct stored *
adopt(struct queue_fixture *queue, const struct locator *locator,
    enum stored_result *result)
{
	struct stored *stored = store_adopt(
	    queue->pool, queue->store, locator, result, &queue->error);

	assert_true((stored != NULL) == (*result == STORED_COMPLETE));
	return stored;
}

static bool
exists(const struct queue_fixture *queue, struct locator locator,
    enum locator_place place)
{
	struct stat status;

	locator.place = place;
	return lstat(queue_fixture_path(queue, &locator), &status) == 0;
}

/* Names found in `scope`; *last is one of them. */
static size_t
count(struct queue_fixture *queue, enum store_scope scope, int64_t now,
    struct locator *last)
{
	struct store_scan *scan =
	    store_scan_open(queue->store, scope, now, &queue->error);
	struct locator locators[3];
	size_t sum = 0, found;

	assert_non_null(scan);
	do {
		assert_ok(queue,
		    store_scan_next(scan, locators, COUNT_OF(locators), &found,
			&queue->error));
		sum += found;
		if (found > 0)
			*last = locators[found - 1];
	} while (found > 0);
	store_scan_close(scan);
	return sum;
}

static void
test_adopt_decides(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 2, 70000);
	struct buf file = queue_fixture_read(queue, &locator);
	enum stored_result result;
	struct stored *stored;

	stored = adopt(queue, &locator, &result);
	assert_int_equal(result, STORED_COMPLETE);
	assert_int_equal(stored->outstanding, 2);
	/* The lock was given back. */
	assert_int_equal(
	    flock(stored_content_fd(stored), LOCK_EX | LOCK_NB), 0);
	assert_int_equal(flock(stored_content_fd(stored), LOCK_UN), 0);

	queue_fixture_write(queue, &locator, SPAN_EMPTY);
	assert_null(adopt(queue, &locator, &result));
	assert_int_equal(result, STORED_NEVER_ACCEPTED);
	assert_null(adopt(queue, &locator, &result));
	assert_int_equal(result, STORED_GONE);

	file.at[8] = 9;
	little_put(file.at + 508, 4, crc32c(0, span_of(file.at, 508)));
	queue_fixture_write(queue, &locator, buf_span(&file));
	assert_null(adopt(queue, &locator, &result));
	assert_int_equal(result, STORED_NEWER);
	assert_true(exists(queue, locator, PLACE_INCOMING));

	file.at[8] = 1;
	little_put(file.at + 508, 4, crc32c(0, span_of(file.at, 508)));
	file.at[1000] ^= 1; /* in the body */
	queue_fixture_write(queue, &locator, buf_span(&file));
	assert_null(adopt(queue, &locator, &result));
	assert_int_equal(result, STORED_CORRUPT);
	assert_string_equal(queue->error.text, "content: damaged");
	assert_false(exists(queue, locator, PLACE_INCOMING));
	assert_true(exists(queue, locator, PLACE_CORRUPT));
	buf_finish(&file);
}

/* What a broken cleanup may leave under an id is set aside, not followed. */
static void
test_rel08_no_regular_file(void **state)
{
	struct queue_fixture *queue = *state;
	struct queue_id id = id_next(&queue->ids, 1);
	struct locator locator = {.id = id, .place = PLACE_INCOMING};
	enum stored_result result;

	assert_int_equal(
	    symlink("/etc/passwd", queue_fixture_path(queue, &locator)), 0);
	assert_null(adopt(queue, &locator, &result));
	assert_int_equal(result, STORED_CORRUPT);
	assert_true(exists(queue, locator, PLACE_CORRUPT));
	assert_false(exists(queue, locator, PLACE_INCOMING));
}

static void
assert_same(const struct locator *a, const struct locator *b)
{
	assert_true(id_equal(&a->id, &b->id));
	assert_int_equal(a->place, b->place);
	assert_int_equal(a->bucket, b->bucket);
}

static void
test_find_and_move(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 10);
	struct locator found, before;
	int64_t due = INT64_C(1795345209) * CLOCK_SECOND;

	assert_true(
	    store_find(queue->store, &locator.id, &found, &queue->error));
	assert_same(&found, &locator);

	assert_ok(queue, store_hold(queue->store, &locator, &queue->error));
	assert_string_equal(locator_queue(&locator), "hold");
	assert_true(
	    store_find(queue->store, &locator.id, &found, &queue->error));
	assert_int_equal(found.place, PLACE_HOLD);

	before = locator;
	assert_ok(
	    queue, store_defer(queue->store, &locator, due, &queue->error));
	assert_int_equal(locator.bucket, 1795345209 / QUARTER);
	assert_true(exists(queue, locator, PLACE_DEFERRED));
	assert_true(
	    store_find(queue->store, &locator.id, &found, &queue->error));
	assert_same(&found, &locator);
	queue_fixture_stored(queue, &locator);

	assert_false(store_release(queue->store, &before, &queue->error));
	assert_int_equal(queue->error.kind, ERROR_NOT_FOUND);
	assert_int_equal(before.place, PLACE_HOLD);

	assert_ok(queue, store_release(queue->store, &locator, &queue->error));
	assert_int_equal(locator.place, PLACE_INCOMING);
	assert_ok(
	    queue, store_set_aside(queue->store, &locator, &queue->error));
	assert_false(
	    store_find(queue->store, &locator.id, &found, &queue->error));
	assert_int_equal(queue->error.kind, ERROR_NOT_FOUND);
}

/* Nothing that is there is ever overwritten. */
static void
test_move_keeps_what_is_there(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 10);
	struct locator twin = {.id = locator.id, .place = PLACE_HOLD};

	queue_fixture_write(queue, &twin, SPAN("other"));
	assert_false(store_hold(queue->store, &locator, &queue->error));
	assert_int_equal(queue->error.saved_errno, EEXIST);
	queue_fixture_stored(queue, &locator);
}

static void
test_scan_due(void **state)
{
	struct queue_fixture *queue = *state;
	int64_t now = INT64_C(2000000) * QUARTER * CLOCK_SECOND;
	struct locator locators[10], last;
	char path[100];

	for (int i = 0; i < 10; i++) {
		int64_t due =
		    now + (int64_t)(i / 2 - 2) * QUARTER * CLOCK_SECOND;

		locators[i] = queue_fixture_message(queue, 1, 1);
		assert_int_equal(count(queue, STORE_INCOMING, 0, &last), 1);
		assert_ok(queue,
		    store_defer(
			queue->store, &locators[i], due, &queue->error));
	}
	snprintf(path, sizeof path, "%s/deferred/README", queue->path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(count(queue, STORE_DEFERRED, 0, &last), 10);
	assert_int_equal(count(queue, STORE_DUE, now, &last), 6);
	assert_int_equal(
	    count(queue, STORE_DUE, now - QUARTER * CLOCK_SECOND, &last), 4);
	assert_int_equal(count(queue, STORE_HOLD, 0, &last), 0);

	/* An empty bucket goes when it is past, and not before. */
	for (int i = 0; i < 6; i++)
		assert_ok(queue,
		    store_done(queue->store, &locators[i], &queue->error));
	assert_int_equal(count(queue, STORE_DUE, now, &last), 0);
	snprintf(path, sizeof path, "%s/deferred/%x", queue->path, 1999999);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof path, "%s/deferred/%x", queue->path, 2000000);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(count(queue, STORE_DEFERRED, 0, &last), 4);
}

static void
test_scan_passes_over_other_names(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator message = queue_fixture_message(queue, 1, 1), last;
	static const char *const names[] = {
	    "segment.1.2", "lost+found", ".hidden", "C3CDEAA0514"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char path[100];
		int fd;

		snprintf(
		    path, sizeof path, "%s/incoming/%s", queue->path, names[i]);
		fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		close(fd);
	}
	assert_int_equal(count(queue, STORE_INCOMING, 0, &last), 1);
	assert_true(id_equal(&last.id, &message.id));
}

static void
test_done_is_idempotent_and_dirty(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator;

	assert_false(store_is_dirty(queue->store));
	locator = queue_fixture_message(queue, 1, 1);
	assert_false(store_is_dirty(queue->store));
	assert_ok(queue, store_done(queue->store, &locator, &queue->error));
	assert_true(store_is_dirty(queue->store));
	assert_ok(queue, store_sync_directories(queue->store, &queue->error));
	assert_false(store_is_dirty(queue->store));
	assert_ok(queue, store_done(queue->store, &locator, &queue->error));
	assert_false(store_is_dirty(queue->store));
}

/* More buckets than the list of dirty ones holds. */
static void
test_many_dirty_buckets(void **state)
{
	struct queue_fixture *queue = *state;

	for (int64_t i = 0; i < 100; i++) {
		struct locator locator = queue_fixture_message(queue, 1, 1);

		assert_ok(queue,
		    store_defer(queue->store, &locator,
			i * QUARTER * CLOCK_SECOND, &queue->error));
	}
	assert_true(store_is_dirty(queue->store));
	assert_ok(queue, store_sync_directories(queue->store, &queue->error));
	assert_false(store_is_dirty(queue->store));
}

/* REL-09: adoption that is killed at any point is simply run again; here by
 * adopting everything twice. */
static void
test_rel09_adoption_is_idempotent(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 1);
	enum stored_result result;

	for (int i = 0; i < 3; i++)
		assert_non_null(adopt(queue, &locator, &result));
	for (int i = 0; i < 2; i++)
		assert_true(spool_make(queue->path, NULL, &queue->error));
	assert_non_null(adopt(queue, &locator, &result));
}

/* Adopts all of incoming; returns how many were whole. */
static size_t
adopt_all(struct queue_fixture *queue, bool *corrupt)
{
	struct store_scan *scan =
	    store_scan_open(queue->store, STORE_INCOMING, 0, &queue->error);
	struct locator locators[50];
	size_t sum = 0, found;

	assert_non_null(scan);
	do {
		assert_ok(queue,
		    store_scan_next(scan, locators, COUNT_OF(locators), &found,
			&queue->error));
		for (size_t i = 0; i < found; i++) {
			enum stored_result result;

			if (adopt(queue, &locators[i], &result) != NULL)
				sum++;
			if (result == STORED_CORRUPT)
				*corrupt = true;
			pool_clear(queue->pool);
		}
	} while (found > 0);
	store_scan_close(scan);
	return sum;
}

static void
put_until_killed(struct queue_fixture *queue, int out)
{
	for (unsigned i = 0;; i++) {
		struct locator locator =
		    queue_fixture_message(queue, 1, i % 3 * 50000);

		if (write(out, &locator.id, sizeof locator.id) < 0)
			_exit(1);
	}
}

/* REL-01: kill -9 at any moment loses nothing that was committed, and what was
 * not is never taken for damage. */
static void
test_rel01_killed_writer(void **state)
{
	struct queue_fixture *queue = *state;
	bool corrupt = false;
	size_t committed = 0;

	for (unsigned round = 0; round < 15; round++) {
		struct queue_id id;
		struct locator locator;
		int ends[2];
		pid_t pid;

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		id_source_init(&queue->ids, round);
		pid = fork();
		if (pid == 0)
			put_until_killed(queue, ends[1]);
		close(ends[1]);
		usleep(5000 + round * 1371);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		for (; read(ends[0], &id, sizeof id) == sizeof id; committed++)
			assert_true(store_find(
			    queue->store, &id, &locator, &queue->error));
		close(ends[0]);
		assert_true(adopt_all(queue, &corrupt) >= committed);
		assert_false(corrupt);
	}
	assert_true(committed > 0);
}

struct race {
	struct queue_fixture *queue;
	unsigned writer;
	unsigned committed;
};

static void *
put_many(void *argument)
{
	struct race *race = argument;
	/* Shares the store and nothing else. */
	struct queue_fixture queue = {.store = race->queue->store};

	id_source_init(&queue.ids, race->writer);
	for (race->committed = 0; race->committed < 150; race->committed++)
		(void)queue_fixture_message(
		    &queue, 1, race->committed % 2 * 70000);
	return NULL;
}

/* A scan that runs all the time never takes anything from live writers, and
 * the writers get by with the names that it removes under their hands. */
static void
test_scan_against_writers(void **state)
{
	struct queue_fixture *queue = *state;
	struct race races[3];
	pthread_t threads[COUNT_OF(races)];
	unsigned committed = 0;
	bool corrupt = false;
	struct locator last;

	for (unsigned i = 0; i < COUNT_OF(races); i++) {
		races[i] = (struct race){.queue = queue, .writer = i};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, put_many, &races[i]), 0);
	}
	for (int i = 0; i < 30; i++)
		(void)adopt_all(queue, &corrupt);
	for (unsigned i = 0; i < COUNT_OF(races); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		committed += races[i].committed;
	}
	assert_false(corrupt);
	assert_int_equal(count(queue, STORE_INCOMING, 0, &last), committed);
	assert_int_equal(adopt_all(queue, &corrupt), committed);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_adopt_decides),
	    QUEUE_TEST(test_rel08_no_regular_file),
	    QUEUE_TEST(test_find_and_move),
	    QUEUE_TEST(test_move_keeps_what_is_there),
	    QUEUE_TEST(test_scan_due),
	    QUEUE_TEST(test_scan_passes_over_other_names),
	    QUEUE_TEST(test_done_is_idempotent_and_dirty),
	    QUEUE_TEST(test_many_dirty_buckets),
	    QUEUE_TEST(test_rel09_adoption_is_idempotent),
	    QUEUE_TEST(test_rel01_killed_writer),
	    QUEUE_TEST(test_scan_against_writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
