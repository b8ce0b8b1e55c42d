/* SPDX-License-Identifier: MIT */
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>

#include "lib/queue/put.h"

#include "queue_fixture.h"

static bool
exists(const struct queue_fixture *queue, const struct locator *locator)
{
	return access(queue_fixture_path(queue, locator), F_OK) == 0;
}

static void
check_body(struct queue_fixture *queue, const struct stored *stored)
{
	uint64_t length = stored->body.extent.length;
	char *bytes = malloc(length);

	assert_ok(queue,
	    stored_read_part(stored, &stored->body, (struct extent){0, length},
		bytes, &queue->error));
	for (uint64_t i = 0; i < length; i++)
		if (bytes[i] != (char)('a' + i % 26))
			fail_msg("byte %llu", (unsigned long long)i);
	free(bytes);
}

/* REL-01: what is committed can be read back, small or spilled. */
static void
test_rel01_round_trip(void **state)
{
	static const size_t sizes[] = {
	    0, 1, 7, 65000, 65535, 65536, 65537, 131072, 1000003};
	struct queue_fixture *queue = *state;

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct locator locator =
		    queue_fixture_message(queue, 2, sizes[i]);
		struct stored *stored = queue_fixture_stored(queue, &locator);

		assert_int_equal(locator.place, PLACE_INCOMING);
		assert_int_equal(stored->body.extent.length, sizes[i]);
		assert_int_equal(stored_size(stored), sizes[i] + 15);
		assert_int_equal(stored->recipient_count, 2);
		assert_int_equal(stored->outstanding, 2);
		assert_int_equal(stored->arrival, id_time(&locator.id));
		assert_span(
		    stored->attribute[ATTRIBUTE_SENDER], "s@example.org");
		assert_span(stored->attribute[ATTRIBUTE_HELO], "");
		assert_int_equal(stored->header.flags, PART_FINAL_CRLF);
		assert_int_equal(stored->header.longest_line, 13);
		assert_int_equal(
		    stored->body.flags, sizes[i] == 0 ? PART_FINAL_CRLF : 0);
		assert_int_equal(stored->attempts, 0);
		check_body(queue, stored);
	}
}

static void
check_recipients(struct queue_fixture *queue, const struct stored *stored,
    const struct stored_recipient *want, size_t count)
{
	struct stored_cursor cursor = {0};
	struct stored_slice slice;
	size_t seen = 0;

	do {
		assert_ok(queue,
		    stored_read_recipients(
			queue->pool, stored, &cursor, &slice, &queue->error));
		for (size_t i = 0; i < slice.count; i++, seen++) {
			const struct stored_recipient *have =
			    &slice.recipients[i];

			assert_true(seen < count);
			assert_int_equal(have->number, seen);
			assert_int_equal(have->state, want[seen].state);
			assert_int_equal(have->flags, want[seen].flags);
			assert_true(
			    span_equal(have->address, want[seen].address));
			assert_true(
			    span_equal(have->original, want[seen].original));
			assert_true(span_equal(have->orcpt, want[seen].orcpt));
		}
	} while (slice.count > 0);
	assert_int_equal(seen, count);
}

static void
test_everything_a_message_has(void **state)
{
	static const struct stored_recipient recipients[] = {
	    {0, RECIPIENT_TODO, RECIPIENT_NOTIFY_NEVER, {"a@b", 3}, {"x@y", 3},
		{"rfc822;x@y", 10}},
	    {1, RECIPIENT_CANCELLED, 0, {"c@d", 3}, {"", 0}, {"", 0}},
	    {2, RECIPIENT_CANCELLED, 0, {"added@d", 7}, {"", 0}, {"", 0}},
	    {3, RECIPIENT_TODO, 8, {"later@d", 7}, {"", 0}, {"", 0}},
	};
	struct queue_fixture *queue = *state;
	struct put *put = queue_fixture_put(queue);
	struct locator locator;
	struct stored *stored;
	struct span name, value, rest;
	uint32_t number;

	put_flags(put, QUEUED_SMTPUTF8 | 0x100);
	for (size_t i = 0; i < COUNT_OF(recipients); i++) {
		if (i == 2)
			assert_true(put_body(put, SPAN("\r\n.first\r\n")));
		assert_true(put_recipient(put, &recipients[i], &number));
		assert_int_equal(number, i);
	}
	assert_true(put_cancel_recipient(put, 2));
	assert_true(put_cancel_recipient(put, 1));
	assert_true(put_cancel_recipient(put, 2));
	assert_int_equal(put_recipient_count(put), 2);
	put_restart_body(put);
	assert_true(put_body(put, SPAN("\r\nsecond \xc3\xa4")));
	put_header(put, SPAN("To: nobody\r\n"));
	put_header(put, SPAN(".Subject: x\r\n"));
	assert_int_equal(put_size(put), 13 + 11);
	assert_true(put_attribute(put, ATTRIBUTE_SENDER, SPAN_EMPTY));
	assert_true(put_attribute(put, ATTRIBUTE_ENVELOPE_ID, SPAN("QQ+3D")));
	assert_true(put_named_attribute(put, SPAN("of_v9"), SPAN("kept")));
	assert_false(put_attribute(put, ATTRIBUTE_HELO, SPAN("a\0b")));
	assert_ok(queue, put_commit(put, &locator, &queue->error));
	put_close(put);

	stored = queue_fixture_stored(queue, &locator);
	assert_int_equal(stored->flags, QUEUED_SMTPUTF8 | 0x100);
	assert_int_equal(stored->recipient_count, 4);
	assert_int_equal(stored->outstanding, 2);
	assert_int_equal(stored->body.flags, PART_8BIT);
	assert_int_equal(stored->body.extent.length, 11);
	assert_int_equal(stored->body.longest_line, 9);
	assert_int_equal(
	    stored->header.flags, PART_LEADING_DOT | PART_FINAL_CRLF);
	assert_span(stored->attribute[ATTRIBUTE_ENVELOPE_ID], "QQ+3D");
	check_recipients(queue, stored, recipients, COUNT_OF(recipients));
	rest = stored->attributes;
	assert_true(stored_next_attribute(&rest, &name, &value));
	assert_true(stored_next_attribute(&rest, &name, &value));
	assert_true(stored_next_attribute(&rest, &name, &value));
	assert_span(name, "of_v9");
	assert_span(value, "kept");
	assert_false(stored_next_attribute(&rest, &name, &value));
}

/* What sendfile relies on: the end of DATA stands behind the body. */
static void
test_end_of_data_follows_body(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 100);
	struct stored *stored = queue_fixture_stored(queue, &locator);
	char bytes[4] = "";

	assert_true(io_pread(stored_content_fd(stored), bytes, 3,
	    (off_t)(stored->body.extent.offset + 100), NULL));
	assert_string_equal(bytes, ".\r\n");
	assert_int_equal(
	    fcntl(stored_content_fd(stored), F_GETFL) & O_ACCMODE, O_RDONLY);
}

/* How many names incoming/ has; *locator is the last of them. */
static size_t
count_incoming(struct queue_fixture *queue, struct locator *locator)
{
	struct locator locators[10];
	struct store_scan *scan =
	    store_scan_open(queue->store, STORE_INCOMING, 0, &queue->error);
	size_t count;

	assert_non_null(scan);
	assert_ok(queue,
	    store_scan_next(
		scan, locators, COUNT_OF(locators), &count, &queue->error));
	store_scan_close(scan);
	if (count > 0)
		*locator = locators[count - 1];
	return count;
}

static void
test_nothing_on_disk_before_it_must(void **state)
{
	struct queue_fixture *queue = *state;
	struct put *put = queue_fixture_put(queue);
	struct stored_recipient recipient = queue_fixture_recipient("a@b");
	struct locator locator;

	assert_true(put_recipient(put, &recipient, NULL));
	queue_fixture_body(queue, put, 60000);
	assert_int_equal(count_incoming(queue, &locator), 0);
	put_close(put);
	put_close(NULL);
}

static void
test_abort_leaves_nothing(void **state)
{
	struct queue_fixture *queue = *state;
	struct put *put = queue_fixture_put(queue);
	struct locator locator;

	queue_fixture_body(queue, put, 200000);
	assert_int_equal(count_incoming(queue, &locator), 1);
	assert_true(exists(queue, &locator));
	put_close(put);
	assert_false(exists(queue, &locator));
}

/* Locked until put_close, so that no scan adopts it before the hand-over. */
static void
test_locked_until_closed(void **state)
{
	struct queue_fixture *queue = *state;
	struct put *put = queue_fixture_put(queue);
	struct stored_recipient recipient = queue_fixture_recipient("a@b");
	struct locator locator;
	enum stored_result result;

	assert_true(put_recipient(put, &recipient, NULL));
	assert_ok(queue, put_commit(put, &locator, &queue->error));
	assert_null(store_adopt(
	    queue->pool, queue->store, &locator, &result, &queue->error));
	assert_int_equal(result, STORED_BUSY);
	put_close(put);
	assert_non_null(store_adopt(
	    queue->pool, queue->store, &locator, &result, &queue->error));
	assert_int_equal(result, STORED_COMPLETE);
}

static void
test_hold_early_and_late(void **state)
{
	struct queue_fixture *queue = *state;

	for (size_t size = 10; size < 1000000; size += 300000) {
		struct put *put = queue_fixture_put(queue);
		struct stored_recipient recipient =
		    queue_fixture_recipient("a@b");
		struct locator locator;

		assert_true(put_recipient(put, &recipient, NULL));
		queue_fixture_body(queue, put, size);
		put_hold(put);
		assert_ok(queue, put_commit(put, &locator, &queue->error));
		assert_int_equal(locator.place, PLACE_HOLD);
		put_close(put);
		queue_fixture_stored(queue, &locator);
		locator.place = PLACE_INCOMING;
		assert_false(exists(queue, &locator));
	}
}

/* Another message has the id already: it is not touched. */
static void
test_id_taken(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator first = queue_fixture_message(queue, 1, 10);
	struct put *put = put_create(queue->store, &first.id, 1);
	struct locator locator;

	assert_false(put_commit(put, &locator, &queue->error));
	assert_int_equal(queue->error.saved_errno, EEXIST);
	assert_false(put_error_is_full(&queue->error));
	put_close(put);
	queue_fixture_stored(queue, &first);
}

/* Runs `check` in a child, so that its limits and mounts end with it. */
static void
in_child(struct queue_fixture *queue, int (*check)(struct queue_fixture *))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(check(queue));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Commits up to 1 MB into what cannot take it; 0 if it failed as it should. */
static int
expect_failure(struct queue_fixture *queue, struct store *store, bool full)
{
	struct queue_id id = id_next(&queue->ids, clock_wall());
	struct locator locator = {.id = id, .place = PLACE_INCOMING};
	static const char bytes[65536] = "x";
	bool refused = false;

	for (int i = 1; i <= 16 && !refused; i += 15) {
		struct put *put = put_create(store, &id, 1);

		for (int n = 0; n < i && !refused; n++) {
			if (put_wants_flush(put))
				refused = !put_flush(put, &queue->error);
			else if (!put_body(put, span_of(bytes, 65536)))
				return 2;
		}
		if (!refused)
			refused = !put_commit(put, &locator, &queue->error);
		put_close(put);
		if (!refused && !store_done(store, &locator, &queue->error))
			return 3;
	}
	if (!refused || put_error_is_full(&queue->error) != full)
		return 4;
	return store_find(store, &id, &locator, &queue->error) ? 5 : 0;
}

static int
check_file_size_limit(struct queue_fixture *queue)
{
	struct rlimit limit = {100000, 100000};

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 1;
	return expect_failure(queue, queue->store, false);
}

static void
test_write_error_is_temporary(void **state)
{
	in_child(*state, check_file_size_limit);
}

static int
check_full_disk(struct queue_fixture *queue)
{
	struct store *store;
	int result;

	if (unshare(CLONE_NEWNS) != 0)
		return 77;
	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", queue->path, "tmpfs", 0, "size=300k") != 0)
		return 77;
	if (!spool_make(queue->path, NULL, &queue->error))
		return 1;
	store = store_open(queue->path, &queue->error);
	if (store == NULL)
		return 1;
	if (store_has_room(store, 1000000, 0, &queue->error) ||
	    !put_error_is_full(&queue->error) ||
	    !store_has_room(store, 1000, 1000, &queue->error))
		result = 6;
	else
		result = expect_failure(queue, store, true);
	store_close(store);
	return result;
}

/* REL-10: told apart, and nothing is left on the disk. */
static void
test_rel10_full_disk(void **state)
{
	in_child(*state, check_full_disk);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_rel01_round_trip),
	    QUEUE_TEST(test_everything_a_message_has),
	    QUEUE_TEST(test_end_of_data_follows_body),
	    QUEUE_TEST(test_nothing_on_disk_before_it_must),
	    QUEUE_TEST(test_abort_leaves_nothing),
	    QUEUE_TEST(test_locked_until_closed),
	    QUEUE_TEST(test_hold_early_and_late),
	    QUEUE_TEST(test_id_taken),
	    QUEUE_TEST(test_write_error_is_temporary),
	    QUEUE_TEST(test_rel10_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
