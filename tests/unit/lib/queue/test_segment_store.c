/* SPDX-License-Identifier: MIT */
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <signal.h>

#include "lib/queue/segment_message.h"
#include "lib/queue/store_segments.h"

#include "segment_fixture.h"

enum {
	MAXIMUM = 200
};

static struct stored *
open_from(struct queue_fixture *queue, struct store *store,
    const struct locator *locator, enum stored_result *result)
{
	return stored_open(queue->pool, store, locator, result, &queue->error);
}

/* Nobody above can tell the two kinds apart. */
static void
test_reads_as_own_file(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct locator own = queue_fixture_message(queue, 1, 5000);
	struct locator light = segment_fixture_message(queue, writer, 5000);
	struct stored *a = queue_fixture_stored(queue, &own);
	struct stored *b = queue_fixture_stored(queue, &light);
	char left[5000], right[5000];
	struct stored_cursor cursor = {0};
	struct stored_slice slice;

	assert_false(store_is_light(&own));
	assert_true(store_is_light(&light));
	assert_int_equal(stored_size(a), stored_size(b));
	assert_int_equal(a->body.flags, b->body.flags);
	assert_int_equal(b->recipient_count, 1);
	assert_int_equal(b->outstanding, 1);
	assert_true(
	    span_equal(b->attribute[ATTRIBUTE_SENDER], SPAN("s@example.org")));
	assert_int_equal(stored_content_fd(b), -1);
	assert_true(stored_content_fd(a) >= 0);
	assert_ok(queue,
	    stored_read_part(
		a, &a->body, (struct extent){0, 5000}, left, &queue->error));
	assert_ok(queue,
	    stored_read_part(
		b, &b->body, (struct extent){0, 5000}, right, &queue->error));
	assert_memory_equal(left, right, 5000);
	assert_ok(queue,
	    stored_read_recipients(
		queue->pool, b, &cursor, &slice, &queue->error));
	assert_int_equal(slice.count, 1);
	assert_true(
	    span_equal(slice.recipients[0].address, SPAN("r@example.net")));
	segment_writer_destroy(writer);
}

static void
test_small_is_up_to_64k(void **state)
{
	struct queue_fixture *queue = *state;
	size_t header = sizeof "Subject: test\r\n" - 1;
	struct put *put = segment_fixture_put(
	    queue, "r@example.net", PUT_SMALL_MAXIMUM - 5 - header);

	assert_true(put_is_small(put));
	put_close(put);
	put = segment_fixture_put(
	    queue, "r@example.net", PUT_SMALL_MAXIMUM - 4 - header);
	assert_false(put_is_small(put));
	put_close(put);
	put = segment_fixture_put(queue, "r@example.net", 10);
	put_hold(put);
	assert_false(put_is_small(put));
	put_close(put);
}

/* Rule 2: batches start on pages, records on 64 bytes, and what does not fit
 * waits for the next segment. */
static void
test_batches(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct put *puts[100];
	struct locator_segment last = {0};
	size_t done = 0, taken, batches = 0;

	for (size_t i = 0; i < COUNT_OF(puts); i++)
		puts[i] = segment_fixture_put(queue, "r@example.net", i * 97);
	assert_false(segment_writer_has_room(writer, puts[0]));
	assert_ok(queue,
	    segment_writer_commit(
		writer, puts, COUNT_OF(puts), &taken, &queue->error));
	assert_int_equal(taken, 0);
	assert_true(segment_writer_wants_segment(writer));
	while (done < COUNT_OF(puts)) {
		if (segment_writer_wants_segment(writer))
			assert_ok(
			    queue, segment_writer_make(writer, &queue->error));
		assert_ok(queue,
		    segment_writer_commit(writer, puts + done,
			COUNT_OF(puts) - done, &taken, &queue->error));
		assert_true(taken > 0);
		for (size_t i = 0; i < taken; i++) {
			const struct locator *locator =
			    put_locator(puts[done + i]);

			assert_int_equal(locator->in.offset %
				(i == 0 ? SEGMENT_PAGE : SEGMENT_ALIGNMENT),
			    0);
			if (locator->in.segment == last.segment)
				assert_int_equal(
				    locator->in.number, last.number + 1);
			else
				assert_int_equal(locator->in.number, 0);
			last = locator->in;
			(void)queue_fixture_stored(queue, locator);
		}
		done += taken;
		batches++;
	}
	assert_true(batches > 1);
	for (size_t i = 0; i < COUNT_OF(puts); i++)
		put_close(puts[i]);
	segment_writer_destroy(writer);
}

/* Rule 3: the whole batch is refused and the segment never written again, and
 * what it held before is still there. */
static void
test_write_error_closes_segment(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct locator before = segment_fixture_message(queue, writer, 100);
	struct rlimit limit, small;
	struct put *puts[2];
	struct locator_segment full;
	size_t taken;

	for (size_t i = 0; i < COUNT_OF(puts); i++)
		puts[i] = segment_fixture_put(queue, "r@example.net", 20000);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 30000; /* cuts the second one */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_false(segment_writer_commit(
	    writer, puts, COUNT_OF(puts), &taken, &queue->error));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(taken, 2);
	for (size_t i = 0; i < COUNT_OF(puts); i++)
		put_close(puts[i]);
	assert_true(segment_writer_next_full(writer, &full));
	assert_int_equal(full.number, 1);
	assert_int_equal(full.generation, before.in.generation);
	assert_false(segment_writer_next_full(writer, &full));
	(void)queue_fixture_stored(queue, &before);
	assert_true(segment_fixture_message(queue, writer, 10).in.segment !=
	    before.in.segment);
	segment_writer_destroy(writer);
}

/* Done records, those about single recipients, and what the next process
 * learns of them. */
static void
test_recording(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct store *owner = segment_fixture_owner(queue);
	struct put *put = segment_fixture_put(queue, "a@example.net", 10);
	struct stored_recipient second =
	    queue_fixture_recipient("b@example.net");
	struct store_mark mark = {1, RECIPIENT_DONE};
	struct store_report report = {.marks = &mark, .mark_count = 1};
	struct locator locator, other, found[MAXIMUM];
	enum stored_result result;
	struct stored *stored;
	size_t taken;
	bool written;

	assert_true(put_recipient(put, &second, NULL));
	assert_ok(queue, segment_writer_make(writer, &queue->error));
	assert_ok(queue,
	    segment_writer_commit(writer, &put, 1, &taken, &queue->error));
	locator = *put_locator(put);
	put_close(put);
	other = segment_fixture_message(queue, writer, 20);

	assert_ok(queue,
	    store_record(owner, &locator, &report, &written, &queue->error));
	assert_true(store_is_light(&locator));
	stored = open_from(queue, owner, &locator, &result);
	assert_non_null(stored);
	assert_int_equal(stored->outstanding, 1);
	assert_ok(queue, store_done(owner, &other, &queue->error));
	assert_null(open_from(queue, owner, &other, &result));
	assert_int_equal(result, STORED_GONE);
	assert_ok(queue, store_sync_done(owner, &queue->error));
	assert_int_equal(segment_fixture_list(queue, owner, found, MAXIMUM), 1);

	/* Another reader, and the next owner. */
	assert_int_equal(
	    segment_fixture_list(queue, queue->store, found, MAXIMUM), 1);
	assert_true(id_equal(&found[0].id, &locator.id));
	store_close(owner);
	owner = segment_fixture_owner(queue);
	stored = open_from(queue, owner, &locator, &result);
	assert_non_null(stored);
	assert_int_equal(stored->outstanding, 1);
	assert_true(store_find(owner, &locator.id, &found[0], &queue->error));
	assert_int_equal(found[0].in.offset, locator.in.offset);
	assert_false(store_find(owner, &other.id, &found[0], &queue->error));
	store_close(owner);
	segment_writer_destroy(writer);
}

/* Rule 6: what is not finished by its first attempt gets a file of its own,
 * with all that is known about it. */
static void
test_moving_out(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct store *owner = segment_fixture_owner(queue);
	struct locator deferred = segment_fixture_message(queue, writer, 3000);
	struct locator held = segment_fixture_message(queue, writer, 3000);
	struct locator before = deferred;
	struct journal_entry entry = {
	    .type = JOURNAL_ATTEMPT, .time = 5, .next = 6};
	struct store_report report = {.entries = &entry, .entry_count = 1};
	enum stored_result result;
	struct stored *stored;
	bool written;

	assert_ok(queue,
	    store_record(owner, &deferred, &report, &written, &queue->error));
	assert_false(store_is_light(&deferred));
	stored = queue_fixture_stored(queue, &deferred);
	assert_int_equal(stored->attempts, 1);
	assert_int_equal(stored->outstanding, 1);
	assert_null(open_from(queue, owner, &before, &result));
	assert_int_equal(result, STORED_GONE);
	assert_ok(queue,
	    store_defer(
		owner, &deferred, INT64_C(9000) * CLOCK_SECOND, &queue->error));
	assert_int_equal(deferred.place, PLACE_DEFERRED);
	(void)queue_fixture_stored(queue, &deferred);

	assert_ok(queue, store_hold(owner, &held, &queue->error));
	assert_int_equal(held.place, PLACE_HOLD);
	assert_false(store_is_light(&held));
	(void)queue_fixture_stored(queue, &held);
	store_close(owner);
	segment_writer_destroy(writer);
}

/* A qmgr that dies in the middle of moving out: the own file wins when it is
 * whole, the segment when it is not. */
static void
test_interrupted_move(void **state)
{
	static const struct {
		size_t kept; /* of the own file; SIZE_MAX = all */
		enum stored_result result;
	} cases[] = {
	    {SIZE_MAX, STORED_GONE},
	    {0, STORED_COMPLETE},
	    {600, STORED_COMPLETE},
	};
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct locator light =
		    segment_fixture_message(queue, writer, 3000);
		struct locator own = light, found[MAXIMUM];
		struct store *owner = segment_fixture_owner(queue);
		enum stored_result result;
		struct buf file;
		char path[100];

		assert_ok(queue, store_move_out(owner, &own, &queue->error));
		file = queue_fixture_read(queue, &own);
		if (file.len > cases[i].kept) {
			memset(file.at, 0, 512);
			buf_shorten(&file, file.len - cases[i].kept);
		}
		queue_fixture_write(queue, &own, buf_span(&file));
		buf_finish(&file);
		store_close(owner);
		/* The done record was lost. */
		for (int n = 0; n < 2; n++) {
			snprintf(path, sizeof path, "%s/incoming/qmgr.done.%d",
			    queue->path, n);
			assert_int_equal(unlink(path), 0);
		}
		owner = segment_fixture_owner(queue);
		(void)!store_adopt(
		    queue->pool, owner, &light, &result, &queue->error);
		assert_int_equal(result, cases[i].result);
		if (result == STORED_COMPLETE)
			assert_ok(
			    queue, store_done(owner, &light, &queue->error));
		else
			assert_ok(
			    queue, store_done(owner, &own, &queue->error));
		assert_int_equal(
		    segment_fixture_list(queue, owner, found, MAXIMUM), i);
		/* Lost records mean duplicates: the earlier ones are back. */
		assert_ok(queue, store_sync_done(owner, &queue->error));
		store_close(owner);
	}
	segment_writer_destroy(writer);
}

/* Whoever was killed behind the first step of a move has its second one made at
 * the next start, before anybody finds the message twice. */
static void
test_moves_are_ended_at_start(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct locator whole = segment_fixture_message(queue, writer, 3000);
	struct locator half = segment_fixture_message(queue, writer, 3000);
	struct locator found[MAXIMUM], own = {.id = half.id};
	struct store *owner = segment_fixture_owner(queue);
	struct segment_copy copy;

	(void)segment_fixture_message(queue, writer, 3000);
	assert_ok(queue,
	    segment_message_begin_copy(owner, &whole, &copy, &queue->error));
	assert_ok(queue, segment_message_end_copy(owner, &copy, &queue->error));
	own.place = PLACE_INCOMING;
	queue_fixture_write(queue, &own, SPAN_EMPTY);
	store_close(owner);

	owner = segment_fixture_owner(queue);
	assert_int_equal(segment_fixture_list(queue, owner, found, MAXIMUM), 5);
	assert_ok(queue, store_end_moves(owner, &queue->error));
	assert_int_equal(segment_fixture_list(queue, owner, found, MAXIMUM), 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(store_is_light(&found[i]),
		    !id_equal(&found[i].id, &whole.id));
	assert_ok(queue, store_end_moves(owner, &queue->error));
	store_close(owner);
	segment_writer_destroy(writer);
}

static void
fill_segment(struct queue_fixture *queue, struct segment_writer *writer,
    struct locator *locators, size_t *count, struct locator_segment *full)
{
	*count = 0;
	while (!segment_writer_next_full(writer, full))
		locators[(*count)++] =
		    segment_fixture_message(queue, writer, 7000);
}

/* Rule 7: a segment is used again when all in it is done, and the records of
 * the generation before mean nothing then. */
static void
test_reuse(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct store *owner = segment_fixture_owner(queue);
	struct locator locators[MAXIMUM], again, found[MAXIMUM];
	struct locator_segment full, freed, wrong;
	enum stored_result result;
	size_t count;
	bool is_free;

	fill_segment(queue, writer, locators, &count, &full);
	assert_int_equal(full.number, count - 1);
	assert_ok(
	    queue, store_segment_full(owner, &full, &is_free, &queue->error));
	assert_false(is_free);
	for (size_t i = 0; i < full.number; i++) {
		assert_false(store_next_free_segment(owner, &freed));
		assert_ok(
		    queue, store_done_soon(owner, &locators[i], &queue->error));
	}
	/* Not before the records are written. */
	assert_false(store_next_free_segment(owner, &freed));
	assert_ok(queue, store_flush_done(owner, &queue->error));
	assert_true(store_next_free_segment(owner, &freed));
	assert_false(store_next_free_segment(owner, &wrong));
	assert_int_equal(freed.segment, full.segment);

	wrong = freed;
	wrong.number--;
	assert_false(segment_writer_free(writer, &wrong));
	wrong = freed;
	wrong.generation++;
	assert_false(segment_writer_free(writer, &wrong));
	assert_true(segment_writer_free(writer, &freed));
	assert_false(segment_writer_free(writer, &freed));
	assert_false(segment_writer_wants_segment(writer));

	do
		again = segment_fixture_message(queue, writer, 7000);
	while (again.in.segment != full.segment);
	assert_true(again.in.generation != full.generation);
	assert_non_null(open_from(queue, owner, &again, &result));
	assert_null(open_from(queue, owner, &locators[0], &result));
	assert_int_equal(result, STORED_GONE);
	store_close(owner);
	owner = segment_fixture_owner(queue);
	assert_non_null(open_from(queue, owner, &again, &result));
	count = segment_fixture_list(queue, owner, found, MAXIMUM);
	for (size_t i = 0; i < count; i++)
		assert_true(found[i].in.generation != full.generation);
	store_close(owner);
	segment_writer_destroy(writer);
}

/* A segment of a process that has ended goes when all in it is done. */
static void
test_orphans(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct store *owner = segment_fixture_owner(queue);
	struct locator a = segment_fixture_message(queue, writer, 10);
	struct locator b = segment_fixture_message(queue, writer, 10);
	struct locator found[MAXIMUM];
	bool has_orphans;

	assert_ok(queue, store_done(owner, &a, &queue->error));
	assert_int_equal(segment_fixture_list(queue, owner, found, MAXIMUM), 1);
	assert_ok(
	    queue, store_tidy_segments(owner, &has_orphans, &queue->error));
	assert_true(store_has_segments(queue->store));
	assert_false(has_orphans);
	segment_writer_destroy(writer); /* the process ends */
	assert_ok(
	    queue, store_tidy_segments(owner, &has_orphans, &queue->error));
	assert_true(has_orphans);
	assert_int_equal(segment_fixture_list(queue, owner, found, MAXIMUM), 1);
	assert_ok(
	    queue, store_tidy_segments(owner, &has_orphans, &queue->error));
	assert_true(store_has_segments(owner));
	assert_ok(queue, store_done(owner, &b, &queue->error));
	assert_ok(
	    queue, store_tidy_segments(owner, &has_orphans, &queue->error));
	assert_false(store_has_segments(owner));
	/* And its name may be taken again by the next one. */
	writer = segment_fixture_writer(queue, 1);
	a = segment_fixture_message(queue, writer, 10);
	assert_int_equal(segment_fixture_list(queue, owner, found, MAXIMUM), 1);
	assert_true(id_equal(&found[0].id, &a.id));
	segment_writer_destroy(writer);
	store_close(owner);
}

/* Rule 4 as the owner sees it: damage before the last batch is set aside and
 * told of, and keeps the segment from nothing. */
static void
test_damage_is_set_aside(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct store *owner = segment_fixture_owner(queue);
	struct locator locators[4], found[MAXIMUM];
	struct error report;
	bool has_orphans;
	char name[40], path[120];
	int fd;

	for (size_t i = 0; i < COUNT_OF(locators); i++)
		locators[i] = segment_fixture_message(queue, writer, 1000);
	segment_writer_destroy(writer);
	segment_name(locators[1].in.segment, name);
	snprintf(path, sizeof path, "%s/incoming/%s", queue->path, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(io_pwrite(
	    fd, SPAN("?"), (off_t)locators[1].in.offset + 700, &queue->error));
	assert_true(io_pwrite(
	    fd, SPAN("?"), (off_t)locators[3].in.offset + 700, &queue->error));
	close(fd);
	assert_int_equal(segment_fixture_list(queue, owner, found, MAXIMUM), 2);
	assert_true(store_take_report(owner, &report));
	assert_non_null(strstr(report.text, "1 messages set aside"));
	assert_false(store_take_report(owner, &report));
	snprintf(path, sizeof path, "%s/corrupt/%s.%x", queue->path, name,
	    locators[1].in.offset - (locators[1].in.offset % SEGMENT_PAGE) -
		SEGMENT_PAGE +
		segment_round(locators[0].in.length + locators[0].in.offset) %
		    SEGMENT_PAGE);
	assert_int_equal(access(path, F_OK), 0);
	for (size_t i = 0; i < 2; i++)
		assert_ok(queue, store_done(owner, &found[i], &queue->error));
	assert_ok(
	    queue, store_tidy_segments(owner, &has_orphans, &queue->error));
	assert_false(store_has_segments(owner));
	store_close(owner);
}

/* The same for one that qmgr meets when it wants to send it. */
static void
test_damaged_message(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct store *owner = segment_fixture_owner(queue);
	struct locator locator = segment_fixture_message(queue, writer, 1000);
	enum stored_result result;
	struct stat status;
	char name[40], path[120];
	int fd;

	segment_name(locator.in.segment, name);
	snprintf(path, sizeof path, "%s/incoming/%s", queue->path, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(io_pwrite(
	    fd, SPAN("?"), (off_t)locator.in.offset + 700, &queue->error));
	close(fd);
	assert_null(open_from(queue, owner, &locator, &result));
	assert_int_equal(result, STORED_CORRUPT);
	assert_ok(queue, store_set_aside(owner, &locator, &queue->error));
	assert_int_equal(locator.place, PLACE_CORRUPT);
	assert_int_equal(stat(queue_fixture_path(queue, &locator), &status), 0);
	store_close(owner);
	segment_writer_destroy(writer);
}

static void
test_recover(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct segment_writer *living = segment_fixture_writer(queue, 2);
	struct store *owner = segment_fixture_owner(queue);
	struct locator locators[60], found[MAXIMUM];
	struct store_recovery recovery;
	char path[100];

	for (size_t i = 0; i < COUNT_OF(locators); i++)
		locators[i] = segment_fixture_message(
		    queue, i % 2 ? writer : living, i * 250);
	for (size_t i = 0; i < COUNT_OF(locators); i += 3)
		assert_ok(
		    queue, store_done(owner, &locators[i], &queue->error));
	segment_writer_destroy(writer);
	assert_false(store_recover(owner, &recovery, &queue->error));
	assert_true(recovery.left > 0);
	segment_writer_destroy(living);
	store_close(owner);
	owner = segment_fixture_owner(queue);
	assert_ok(queue, store_recover(owner, &recovery, &queue->error));
	assert_int_equal(recovery.left, 0);
	assert_false(store_has_segments(owner));
	assert_int_equal(
	    segment_fixture_list(queue, queue->store, found, MAXIMUM), 40);
	for (size_t i = 0; i < 40; i++) {
		assert_false(store_is_light(&found[i]));
		(void)queue_fixture_stored(queue, &found[i]);
	}
	snprintf(path, sizeof path, "%s/incoming/qmgr.done.0", queue->path);
	assert_int_equal(access(path, F_OK), -1);
	store_close(owner);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_reads_as_own_file),
	    QUEUE_TEST(test_small_is_up_to_64k),
	    QUEUE_TEST(test_batches),
	    QUEUE_TEST(test_write_error_closes_segment),
	    QUEUE_TEST(test_recording),
	    QUEUE_TEST(test_moving_out),
	    QUEUE_TEST(test_interrupted_move),
	    QUEUE_TEST(test_moves_are_ended_at_start),
	    QUEUE_TEST(test_reuse),
	    QUEUE_TEST(test_orphans),
	    QUEUE_TEST(test_damage_is_set_aside),
	    QUEUE_TEST(test_damaged_message),
	    QUEUE_TEST(test_recover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
