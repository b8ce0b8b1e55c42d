/* SPDX-License-Identifier: MIT */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>

#include "lib/queue/own_report.h"

#include "queue_fixture.h"

static struct journal_entry
reason(uint32_t recipient, const char *text)
{
	return (struct journal_entry){.type = JOURNAL_REASON,
	    .reason = {.recipient = recipient,
		.status = SPAN("4.4.1"),
		.remote = SPAN("mx.example"),
		.diagnostic = SPAN_EMPTY,
		.text = span_text(text)}};
}

static void
record(struct queue_fixture *queue, struct locator *locator,
    const struct store_report *report)
{
	bool written;

	assert_ok(queue,
	    store_record(
		queue->store, locator, report, &written, &queue->error));
	assert_true(written);
}

static void
record_entries(struct queue_fixture *queue, struct locator *locator,
    const struct journal_entry *entries, size_t count)
{
	record(queue, locator,
	    &(struct store_report){.entries = entries, .entry_count = count});
}

static struct stored_slice
slice_of(struct queue_fixture *queue, const struct stored *stored)
{
	struct stored_cursor cursor = {0};
	struct stored_slice slice;

	assert_ok(queue,
	    stored_read_recipients(
		queue->pool, stored, &cursor, &slice, &queue->error));
	return slice;
}

/* REL-06: states in place, one write, and only those named. */
static void
test_rel06_marks(void **state)
{
	static const struct store_mark marks[] = {
	    {4, RECIPIENT_BOUNCED}, {1, RECIPIENT_DONE}, {5, RECIPIENT_DONE}};
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 7, 10);
	struct stored *stored;
	struct stored_slice slice;
	struct buf before = queue_fixture_read(queue, &locator), after;

	record(queue, &locator,
	    &(struct store_report){
		.marks = marks, .mark_count = COUNT_OF(marks)});
	assert_ok(queue, store_sync(queue->store, &locator, &queue->error));
	stored = queue_fixture_stored(queue, &locator);
	assert_int_equal(stored->outstanding, 4);
	slice = slice_of(queue, stored);
	for (size_t i = 0; i < slice.count; i++)
		assert_int_equal(slice.recipients[i].state,
		    i == 4                 ? RECIPIENT_BOUNCED
			: i == 1 || i == 5 ? RECIPIENT_DONE
					   : RECIPIENT_TODO);
	after = queue_fixture_read(queue, &locator);
	assert_int_equal(before.len, after.len);
	buf_finish(&before);
	buf_finish(&after);
}

static void
test_marks_of_many(void **state)
{
	enum {
		RECIPIENTS = 20000
	};
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, RECIPIENTS, 10);
	struct store_mark *marks = calloc(RECIPIENTS, sizeof *marks);

	for (uint32_t i = 0; i < RECIPIENTS; i++)
		marks[i] =
		    (struct store_mark){RECIPIENTS - 1 - i, RECIPIENT_DONE};
	record(queue, &locator,
	    &(struct store_report){.marks = marks, .mark_count = RECIPIENTS});
	assert_int_equal(queue_fixture_stored(queue, &locator)->outstanding, 0);
	free(marks);
}

static void
test_marks_that_are_refused(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 2, 10);
	struct store_mark mark = {2, RECIPIENT_DONE};
	struct store_report report = {.marks = &mark, .mark_count = 1};
	struct buf file = queue_fixture_read(queue, &locator);
	size_t word = file.len - FORMAT_END_SIZE - FORMAT_STATE_SIZE;
	bool written = true;

	assert_false(store_record(
	    queue->store, &locator, &report, &written, &queue->error));
	assert_false(written);
	mark.recipient = 1;
	file.at[word] = '?'; /* no state: damaged, and it stays so */
	queue_fixture_write(queue, &locator, buf_span(&file));
	assert_false(store_record(
	    queue->store, &locator, &report, &written, &queue->error));
	assert_false(written);
	assert_int_equal(queue->error.kind, ERROR_INVALID);
	buf_finish(&file);
	assert_ok(queue, store_done(queue->store, &locator, &queue->error));
	assert_false(store_record(
	    queue->store, &locator, &report, &written, &queue->error));
	assert_int_equal(queue->error.kind, ERROR_NOT_FOUND);
}

static void
test_journal(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 3, 10);
	struct journal_entry first[] = {
	    {.type = JOURNAL_ATTEMPT, .time = 100, .next = 200},
	    reason(0, "first of 0"), reason(2, "first of 2")};
	struct journal_entry second[] = {
	    {.type = JOURNAL_ATTEMPT, .time = 300, .next = 400},
	    reason(2, "second of 2"), {.type = JOURNAL_WARNED, .time = 350},
	    {.type = JOURNAL_EXPIRE, .time = 360}};
	struct stored_reason reasons[3];
	struct stored_slice slice;
	struct stored *stored;

	record_entries(queue, &locator, first, COUNT_OF(first));
	record_entries(queue, &locator, second, COUNT_OF(second));
	stored = queue_fixture_stored(queue, &locator);
	assert_int_equal(stored->attempts, 2);
	assert_int_equal(stored->last_attempt, 300);
	assert_int_equal(stored->next_attempt, 400);
	assert_int_equal(stored->warned, 350);
	assert_int_equal(stored->expired, 360);
	slice = slice_of(queue, stored);
	assert_int_equal(slice.count, 3);
	assert_ok(queue,
	    stored_read_reasons(
		queue->pool, stored, &slice, reasons, &queue->error));
	assert_span(reasons[0].text, "first of 0");
	assert_span(reasons[0].status, "4.4.1");
	assert_span(reasons[0].remote, "mx.example");
	assert_span(reasons[1].text, "");
	assert_int_equal(reasons[2].recipient, 2);
	assert_span(reasons[2].text, "second of 2");

	/* Those that are left when others have ended. */
	slice.recipients[0] = slice.recipients[1];
	slice.recipients[1] = slice.recipients[2];
	slice.count = 2;
	assert_ok(queue,
	    stored_read_reasons(
		queue->pool, stored, &slice, reasons, &queue->error));
	assert_span(reasons[0].text, "");
	assert_int_equal(reasons[1].recipient, 2);
	assert_span(reasons[1].text, "second of 2");
}

/* A journal torn at any byte keeps what is in front, and the next append cuts
 * the torn part off. */
static void
test_rel06_torn_journal(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 10);
	struct journal_entry attempts[] = {
	    {.type = JOURNAL_ATTEMPT, .time = 1, .next = 2}, reason(0, "one"),
	    {.type = JOURNAL_ATTEMPT, .time = 3, .next = 4}};
	struct journal_entry last = {
	    .type = JOURNAL_ATTEMPT, .time = 5, .next = 6};
	struct buf before = queue_fixture_read(queue, &locator), file;

	record_entries(queue, &locator, attempts, COUNT_OF(attempts));
	file = queue_fixture_read(queue, &locator);
	for (size_t len = before.len; len <= file.len; len++) {
		struct stored *stored;
		uint32_t sound;

		queue_fixture_write(queue, &locator, span_of(file.at, len));
		stored = queue_fixture_stored(queue, &locator);
		sound = stored->attempts;
		assert_true(sound <= 2);
		assert_int_equal(sound == 2, len == file.len);
		record_entries(queue, &locator, &last, 1);
		stored = queue_fixture_stored(queue, &locator);
		assert_int_equal(stored->attempts, sound + 1);
		assert_int_equal(stored->next_attempt, 6);
		pool_clear(queue->pool);
	}
	buf_finish(&before);
	buf_finish(&file);
}

/* A power cut may lose a record and keep a later one: adoption cuts, so that
 * what is recorded afterwards is seen. */
static void
test_hole_in_journal(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 10);
	struct journal_entry attempt = {.type = JOURNAL_ATTEMPT, .next = 7};
	struct buf before = queue_fixture_read(queue, &locator), file;
	enum stored_result result;

	for (int i = 0; i < 3; i++)
		record_entries(queue, &locator, &attempt, 1);
	file = queue_fixture_read(queue, &locator);
	memset(file.at + before.len + (file.len - before.len) / 3, 0, 8);
	queue_fixture_write(queue, &locator, buf_span(&file));
	assert_non_null(store_adopt(
	    queue->pool, queue->store, &locator, &result, &queue->error));
	attempt.next = 8;
	record_entries(queue, &locator, &attempt, 1);
	assert_int_equal(queue_fixture_stored(queue, &locator)->attempts, 2);
	assert_int_equal(
	    queue_fixture_stored(queue, &locator)->next_attempt, 8);
	buf_finish(&before);
	buf_finish(&file);
}

static int
check_without_space(struct queue_fixture *queue)
{
	struct locator locator = queue_fixture_message(queue, 2, 10);
	struct store_mark mark = {0, RECIPIENT_DONE};
	struct journal_entry entry = reason(1, "why");
	struct store_report report = {&mark, 1, &entry, 1};
	struct stat status;
	struct rlimit limit;
	struct stored *stored;
	bool written = false;

	signal(SIGXFSZ, SIG_IGN);
	if (stat(queue_fixture_path(queue, &locator), &status) != 0)
		return 1;
	limit.rlim_cur = limit.rlim_max = (rlim_t)status.st_size + 20;
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 2;
	if (store_record(
		queue->store, &locator, &report, &written, &queue->error))
		return 3;
	if (!written)
		return 4;
	if (queue_fixture_open(queue, &locator, &stored) != STORED_COMPLETE)
		return 5;
	return stored->outstanding == 1 && stored->attempts == 0 ? 0 : 6;
}

/* REL-10: a file that cannot grow still takes its states. */
static void
test_rel10_states_need_no_space(void **state)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(check_without_space(*state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Reasons of more than one window, and of a report that is more than one
 * write. */
static void
test_long_journal(void **state)
{
	enum {
		RECIPIENTS = 3000
	};
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, RECIPIENTS, 10);
	struct journal_entry *entries = calloc(RECIPIENTS, sizeof *entries);
	static char texts[RECIPIENTS][200];
	struct stored_cursor cursor = {0};
	struct stored_reason *reasons =
	    calloc(STORED_SLICE_MAXIMUM, sizeof *reasons);
	struct stored_slice slice;
	struct stored *stored;
	uint32_t seen = 0;

	for (uint32_t i = 0; i < RECIPIENTS; i++) {
		snprintf(texts[i], sizeof texts[i], "%0150u", i);
		entries[i] = reason(i, texts[i]);
	}
	record_entries(queue, &locator, entries, RECIPIENTS);
	stored = queue_fixture_stored(queue, &locator);
	do {
		assert_ok(queue,
		    stored_read_recipients(
			queue->pool, stored, &cursor, &slice, &queue->error));
		assert_ok(queue,
		    stored_read_reasons(
			queue->pool, stored, &slice, reasons, &queue->error));
		for (size_t i = 0; i < slice.count; i++, seen++)
			assert_span(reasons[i].text, texts[seen]);
	} while (slice.count > 0);
	assert_int_equal(seen, RECIPIENTS);
	free(entries);
	free(reasons);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_rel06_marks),
	    QUEUE_TEST(test_marks_of_many),
	    QUEUE_TEST(test_marks_that_are_refused),
	    QUEUE_TEST(test_journal),
	    QUEUE_TEST(test_rel06_torn_journal),
	    QUEUE_TEST(test_hole_in_journal),
	    QUEUE_TEST(test_rel10_states_need_no_space),
	    QUEUE_TEST(test_long_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
