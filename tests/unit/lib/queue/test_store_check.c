/* SPDX-License-Identifier: MIT */
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/queue/store_check.h"

#include "queue_fixture.h"

enum {
	DUE = 1795345209, /* seconds */
	QUARTER = 900
};

static void
take_finding(void *owner, const char *path, const char *what, const char *done)
{
	buf_printf(
	    owner, "%s: %s: %s\n", path, what, done == NULL ? "-" : done);
}

static const char *
check(struct queue_fixture *queue, bool structure, bool purge, bool repair)
{
	static struct buf text;
	struct store_check settings = {
	    .structure = structure,
	    .purge = purge,
	    .repair = repair,
	    .found = take_finding,
	    .owner = &text,
	};

	buf_finish(&text);
	buf_init(&text, 10000);
	assert_ok(queue, store_check(queue->store, &settings, &queue->error));
	return buf_text(&text);
}

static void
make(const struct queue_fixture *queue, const char *name, const char *content)
{
	char path[200];
	int fd;

	snprintf(path, sizeof path, "%s/%s", queue->path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_true(io_write(fd, span_text(content), NULL));
	io_close(&fd);
}

static struct locator
deferred(struct queue_fixture *queue, int64_t due, int64_t recorded)
{
	struct locator locator = queue_fixture_message(queue, 1, 10);
	struct journal_entry entry = {.type = JOURNAL_ATTEMPT,
	    .time = 1,
	    .next = recorded * CLOCK_SECOND};
	struct store_report report = {.entries = &entry, .entry_count = 1};
	bool written;

	assert_ok(queue,
	    store_record(
		queue->store, &locator, &report, &written, &queue->error));
	assert_ok(queue,
	    store_defer(
		queue->store, &locator, due * CLOCK_SECOND, &queue->error));
	return locator;
}

/* Nothing is said of a queue in order, and nothing is changed. */
static void
test_order(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator held = queue_fixture_message(queue, 1, 10);
	struct locator late = deferred(queue, DUE, DUE);

	(void)queue_fixture_message(queue, 1, 10);
	assert_ok(queue, store_hold(queue->store, &held, &queue->error));
	assert_string_equal(check(queue, true, true, true), "");
	assert_int_equal(access(queue_fixture_path(queue, &held), F_OK), 0);
	assert_int_equal(access(queue_fixture_path(queue, &late), F_OK), 0);
}

static void
test_wrong_bucket(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = deferred(queue, DUE, DUE + 2 * QUARTER);
	char want[200];

	assert_string_equal(check(queue, true, true, false), "");
	snprintf(want, sizeof want,
	    "deferred/%llx/%s: is in the bucket of another time: moved\n",
	    (unsigned long long)locator.bucket, locator.id.text);
	assert_string_equal(check(queue, true, false, true), want);
	locator.bucket += 2;
	assert_int_equal(access(queue_fixture_path(queue, &locator), F_OK), 0);
	assert_string_equal(check(queue, true, true, true), "");
}

/* A file in the making is left alone, whatever it looks like. */
static void
test_purge(void **state)
{
	struct queue_fixture *queue = *state;
	char path[200];
	int fd;

	make(queue, "incoming/4jXRJQ3HHZz1d0Hr", "");
	snprintf(
	    path, sizeof path, "%s/incoming/4jXRJQ3HHZz1d0Hr", queue->path);
	fd = open(path, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_string_equal(check(queue, true, true, true), "");
	io_close(&fd);
	assert_string_equal(check(queue, true, true, false), "");
	assert_string_equal(check(queue, false, true, true),
	    "incoming/4jXRJQ3HHZz1d0Hr: was never accepted: removed\n");
	assert_int_equal(access(path, F_OK), -1);
}

static void
test_foreign(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = deferred(queue, DUE, DUE);
	char name[200], want[400];

	snprintf(name, sizeof name, "incoming/%s", locator.id.text);
	make(queue, name, "another");
	snprintf(want, sizeof want,
	    "deferred/%llx/%s: is in incoming, too: -\n",
	    (unsigned long long)locator.bucket, locator.id.text);
	assert_string_equal(check(queue, true, true, false), want);
	snprintf(name, sizeof name, "%s/hold/4jXRJQ3HHZz1d0Hr", queue->path);
	assert_int_equal(mkfifo(name, 0600), 0);
	make(queue, "corrupt/x", "");
	assert_non_null(strstr(check(queue, true, true, false),
	    "hold/4jXRJQ3HHZz1d0Hr: is neither a message nor anything else of "
	    "ours: -\n"));
	assert_non_null(strstr(check(queue, true, true, true),
	    "corrupt/x: is no name of a message: -\n"));
	assert_int_equal(access(name, F_OK), 0);
	assert_int_equal(access(queue_fixture_path(queue, &locator), F_OK), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_order),
	    QUEUE_TEST(test_wrong_bucket),
	    QUEUE_TEST(test_purge),
	    QUEUE_TEST(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
