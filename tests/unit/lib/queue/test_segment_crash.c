/* SPDX-License-Identifier: MIT */
/* What a kill or a power cut may do to segments, with small ones so that they
 * are used again and again. */
#include <sys/wait.h>

#include <signal.h>

#include "lib/base/hash.h"
#include "lib/base/random.h"
#include "lib/queue/done_record.h"
#include "lib/queue/segment_contents.h"
#include "lib/queue/store_segments.h"

#include "segment_fixture.h"

enum {
	ROUNDS = 12,
	BATCH = 6,
	LISTED = 4000
};

/* What the processes of a round told before they were killed. */
enum tale {
	TALE_ACCEPTED, /* "250" was said */
	TALE_SENT,     /* delivered */
	TALE_DONE,     /* and the agent was acknowledged */
	TALE_COUNT
};

struct word {
	enum tale tale;
	struct queue_id id;
};

static void
tell(int out, enum tale tale, const struct queue_id *id)
{
	struct word word = {.tale = tale, .id = *id};

	if (write(out, &word, sizeof word) != sizeof word)
		_exit(1);
}

/* ---- one process that is cleanup and qmgr at once, until it is killed ---- */

struct life {
	struct queue_fixture *queue;
	struct store *owner;
	struct segment_writer *writer;
	struct locator waiting[LISTED]; /* accepted and not done */
	size_t waiting_count;
	struct locator listed[LISTED];
	int out;
};

static void
accept_batch(struct life *life)
{
	struct put *puts[BATCH];
	size_t count = 1 + random_below(BATCH), taken;

	for (size_t i = 0; i < count; i++)
		puts[i] = segment_fixture_put(
		    life->queue, "r@example.net", random_below(12000));
	if (segment_writer_wants_segment(life->writer) &&
	    !segment_writer_make(life->writer, &life->queue->error))
		_exit(1);
	if (!segment_writer_commit(
		life->writer, puts, count, &taken, &life->queue->error))
		_exit(1);
	for (size_t i = 0; i < taken; i++) {
		life->waiting[life->waiting_count++] = *put_locator(puts[i]);
		tell(life->out, TALE_ACCEPTED, &put_locator(puts[i])->id);
	}
	for (size_t i = 0; i < count; i++)
		put_close(puts[i]);
}

/* Most are delivered; now and then one is put off. */
static void
deliver_some(struct life *life)
{
	struct journal_entry entry = {
	    .type = JOURNAL_ATTEMPT, .time = 1, .next = 2};
	struct store_report report = {.entries = &entry, .entry_count = 1};
	size_t count = random_below(life->waiting_count + 1);
	struct locator *first = life->waiting + life->waiting_count - count;
	bool written;

	for (size_t i = 0; i < count; i++)
		if (random_below(20) == 0) {
			if (!store_record(life->owner, &first[i], &report,
				&written, &life->queue->error) ||
			    !store_defer(life->owner, &first[i], CLOCK_SECOND,
				&life->queue->error))
				_exit(1);
		} else {
			tell(life->out, TALE_SENT, &first[i].id);
			if (!store_done_soon(
				life->owner, &first[i], &life->queue->error))
				_exit(1);
		}
	if (!store_flush_done(life->owner, &life->queue->error))
		_exit(1);
	for (size_t i = 0; i < count; i++)
		if (first[i].place == PLACE_INCOMING)
			tell(life->out, TALE_DONE, &first[i].id);
	life->waiting_count -= count;
}

static void
use_again(struct life *life)
{
	struct locator_segment segment;
	bool is_free;

	while (segment_writer_next_full(life->writer, &segment)) {
		if (!store_segment_full(
			life->owner, &segment, &is_free, &life->queue->error))
			_exit(1);
		if (is_free && !segment_writer_free(life->writer, &segment))
			_exit(1);
	}
	while (store_next_free_segment(life->owner, &segment))
		if (!segment_writer_free(life->writer, &segment))
			_exit(1);
	if (random_below(10) == 0 &&
	    !store_sync_done(life->owner, &life->queue->error))
		_exit(1);
}

static void
live(struct queue_fixture *queue, uint32_t number, int out)
{
	struct life *life = calloc(1, sizeof *life);

	life->queue = queue;
	life->out = out;
	life->owner = segment_fixture_owner(queue);
	life->writer = segment_fixture_writer(queue, number);
	id_source_init(&queue->ids, number);
	for (;;) {
		if (life->waiting_count + BATCH > LISTED)
			_exit(1);
		accept_batch(life);
		deliver_some(life);
		use_again(life);
		if (random_below(4) == 0)
			(void)segment_fixture_list(
			    queue, life->owner, life->listed, LISTED);
	}
}

/* ---- the accountant ---- */

struct account {
	struct hash *ids[TALE_COUNT];
	struct hash *there; /* in the queue now */
	size_t duplicates;  /* done and still there */
	size_t lost;
};

static void
account_init(struct account *account)
{
	*account = (struct account){.there = hash_create()};
	for (size_t i = 0; i < TALE_COUNT; i++)
		account->ids[i] = hash_create();
}

static void
account_finish(struct account *account)
{
	hash_destroy(account->there);
	for (size_t i = 0; i < TALE_COUNT; i++)
		hash_destroy(account->ids[i]);
}

static void
add_id(struct hash *ids, const struct queue_id *id)
{
	static bool yes = true;

	hash_put(ids, span_text(id->text), &yes);
}

static void
note_done(struct account *account, const struct queue_id *id)
{
	add_id(account->ids[TALE_SENT], id);
	add_id(account->ids[TALE_DONE], id);
}

static void
read_tale(struct account *account, int in)
{
	struct word word;

	while (read(in, &word, sizeof word) == sizeof word)
		add_id(account->ids[word.tale], &word.id);
}

static void
look(struct queue_fixture *queue, struct account *account,
    enum store_scope scope)
{
	struct store_scan *scan =
	    store_scan_open(queue->store, scope, 0, &queue->error);
	struct locator locators[100];
	size_t found = 1;

	assert_non_null(scan);
	while (found > 0) {
		assert_ok(queue,
		    store_scan_next(scan, locators, COUNT_OF(locators), &found,
			&queue->error));
		for (size_t i = 0; i < found; i++) {
			add_id(account->there, &locators[i].id);
			if (i == 0)
				(void)queue_fixture_stored(queue, &locators[i]);
		}
	}
	store_scan_close(scan);
}

static void
check(struct queue_fixture *queue, struct account *account)
{
	struct hash_cursor cursor = {0};
	struct span id;

	hash_destroy(account->there);
	account->there = hash_create();
	look(queue, account, STORE_INCOMING);
	look(queue, account, STORE_DEFERRED);
	while (hash_next(account->ids[TALE_ACCEPTED], &cursor, &id) != NULL) {
		bool is_there = hash_get(account->there, id) != NULL;
		bool is_sent = hash_get(account->ids[TALE_SENT], id) != NULL;
		bool is_done = hash_get(account->ids[TALE_DONE], id) != NULL;

		account->lost += !is_there && !is_sent;
		account->duplicates += is_there && is_done;
	}
}

static void
recover(struct queue_fixture *queue)
{
	struct store *owner = segment_fixture_owner(queue);
	struct store_recovery recovery;

	assert_ok(queue, store_recover(owner, &recovery, &queue->error));
	assert_false(store_has_segments(owner));
	assert_false(store_take_report(owner, &queue->error));
	store_close(owner);
}

static void
live_and_die(
    struct queue_fixture *queue, uint32_t number, struct account *account)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) > 0);
	pid = fork();
	if (pid == 0)
		live(queue, number, ends[1]);
	close(ends[1]);
	usleep((useconds_t)(30000 + random_below(150000)));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	read_tale(account, ends[0]);
	close(ends[0]);
}

/* kill -9 of everything at any moment: nothing accepted is lost, and nothing
 * that an agent was acknowledged for comes again, whether the next qmgr goes on
 * with the segments or recovery has moved everything out. */
static void
test_killed(void **state)
{
	struct queue_fixture *queue = *state;
	struct account account;

	account_init(&account);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		live_and_die(queue, round % 5, &account);
		check(queue, &account);
		if (round % 3 == 2)
			recover(queue);
		assert_int_equal(account.lost, 0);
		assert_int_equal(account.duplicates, 0);
	}
	recover(queue);
	check(queue, &account);
	assert_int_equal(account.lost, 0);
	assert_int_equal(account.duplicates, 0);
	assert_true(hash_count(account.ids[TALE_ACCEPTED]) > ROUNDS);
	account_finish(&account);
}

/* Recovery itself is killed, again and again, before it is left to end. */
static void
test_killed_recovery(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct store *owner = segment_fixture_owner(queue);
	struct account account;

	account_init(&account);
	for (int i = 0; i < 120; i++) {
		struct locator locator =
		    segment_fixture_message(queue, writer, 3000);

		add_id(account.ids[TALE_ACCEPTED], &locator.id);
		if (i % 3 != 0)
			continue;
		assert_ok(queue, store_done(owner, &locator, &queue->error));
		note_done(&account, &locator.id);
	}
	segment_writer_destroy(writer);
	store_close(owner);
	for (int round = 0; round < 15; round++) {
		pid_t pid = fork();

		if (pid == 0) {
			recover(queue);
			_exit(0);
		}
		usleep((useconds_t)(1000 * round));
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	recover(queue);
	check(queue, &account);
	assert_int_equal(account.lost, 0);
	assert_int_equal(account.duplicates, 0);
	account_finish(&account);
}

/* The last done records never got to the disk: duplicates and no loss. */
static void
test_lost_done_records(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct store *owner = segment_fixture_owner(queue);
	struct account account;
	char path[100];
	int fd;

	account_init(&account);
	for (int i = 0; i < 40; i++) {
		struct locator locator =
		    segment_fixture_message(queue, writer, 2000);

		add_id(account.ids[TALE_ACCEPTED], &locator.id);
		if (i < 30) {
			assert_ok(
			    queue, store_done(owner, &locator, &queue->error));
			note_done(&account, &locator.id);
		}
	}
	segment_writer_destroy(writer);
	store_close(owner);
	/* One torn, and the seven behind it lost. */
	snprintf(path, sizeof path, "%s/incoming/qmgr.done.0", queue->path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	for (unsigned i = 22; i < 30; i++) {
		char zeros[DONE_RECORD_SIZE] = {0};

		assert_true(
		    io_pwrite(fd, span_of(zeros, i == 22 ? 11 : sizeof zeros),
			(off_t)(i * DONE_RECORD_SIZE), &queue->error));
	}
	close(fd);
	recover(queue);
	check(queue, &account);
	assert_int_equal(account.lost, 0);
	assert_int_equal(account.duplicates, 8);
	account_finish(&account);
}

/* ---- power cuts, replayed ---- */

/* A batch is on disk in any subset of its pages when the power goes before its
 * fdatasync has returned; all before it is there. */
static void
tear(char *file, const char *whole, uint32_t from, uint32_t end)
{
	for (uint32_t page = from; page < end; page += SEGMENT_PAGE)
		if (random_below(2) == 0)
			memcpy(file + page, whole + page, SEGMENT_PAGE);
	/* The head is written with the first batch. */
	if (from == SEGMENT_PAGE && random_below(2) == 0)
		memcpy(file, whole, SEGMENT_PAGE);
}

/* Of every batch in turn: what was acknowledged before it is always found, and
 * nothing is called damaged. */
static void
test_power_cut_in_batch(void **state)
{
	struct queue_fixture *queue = *state;
	struct segment_writer *writer = segment_fixture_writer(queue, 1);
	struct locator locators[40];
	uint32_t ends[40];
	struct buf whole;
	char name[40], path[120];
	char *file = calloc(1, SEGMENT_SIZE_MINIMUM);

	for (size_t i = 0; i < COUNT_OF(locators); i++)
		locators[i] =
		    segment_fixture_message(queue, writer, random_below(5000));
	segment_name(locators[0].in.segment, name);
	snprintf(path, sizeof path, "%s/incoming/%s", queue->path, name);
	buf_init(&whole, SEGMENT_SIZE_MINIMUM);
	assert_ok(queue, io_read_file(AT_FDCWD, path, &whole, &queue->error));
	for (size_t i = 0; i < COUNT_OF(locators) &&
	     locators[i].in.segment == locators[0].in.segment;
	     i++) {
		ends[i] = segment_round_page(
		    locators[i].in.offset + locators[i].in.length);
		for (int try = 0; try < 20; try++) {
			struct segment_contents contents;

			memset(file, 0, SEGMENT_SIZE_MINIMUM);
			if (i > 0)
				memcpy(file, whole.at, ends[i - 1]);
			tear(file, whole.at, locators[i].in.offset, ends[i]);
			(void)!segment_contents_read(
			    span_of(file, SEGMENT_SIZE_MINIMUM), &contents);
			assert_true(
			    contents.count == i || contents.count == i + 1);
			assert_int_equal(contents.gap_count, 0);
			segment_contents_finish(&contents);
		}
	}
	buf_finish(&whole);
	free(file);
	segment_writer_destroy(writer);
}

/* The first batch of the next use is torn, head and all: what the segment held
 * before was done, and is neither delivered again nor reported as damaged. */
static void
test_power_cut_at_reuse(void **state)
{
	struct queue_fixture *queue = *state;

	for (int try = 0; try < 12; try++) {
		struct segment_writer *writer =
		    segment_fixture_writer(queue, 1);
		struct store *owner = segment_fixture_owner(queue);
		struct locator_segment full;
		struct locator locator, listed[100];
		struct buf before, after;
		char name[40], path[120];
		bool is_free;
		int fd;

		while (!segment_writer_next_full(writer, &full)) {
			locator = segment_fixture_message(queue, writer, 9000);
			assert_ok(
			    queue, store_done(owner, &locator, &queue->error));
		}
		assert_ok(queue,
		    store_segment_full(owner, &full, &is_free, &queue->error));
		assert_true(store_next_free_segment(owner, &full));
		assert_true(segment_writer_free(writer, &full));
		segment_name(full.segment, name);
		snprintf(
		    path, sizeof path, "%s/incoming/%s", queue->path, name);
		buf_init(&before, SEGMENT_SIZE_MINIMUM);
		buf_init(&after, SEGMENT_SIZE_MINIMUM);
		assert_true(io_read_file(AT_FDCWD, path, &before, NULL));
		do {
			locator = segment_fixture_message(queue, writer, 9000);
			if (locator.in.segment != full.segment)
				assert_ok(queue,
				    store_done(owner, &locator, &queue->error));
		} while (locator.in.segment != full.segment);
		assert_true(io_read_file(AT_FDCWD, path, &after, NULL));
		segment_writer_destroy(writer);
		store_close(owner);

		tear(before.at, after.at, SEGMENT_PAGE,
		    segment_round_page(locator.in.offset + locator.in.length));
		fd = open(path, O_WRONLY | O_CLOEXEC);
		assert_true(io_pwrite(fd, buf_span(&before), 0, &queue->error));
		close(fd);
		owner = segment_fixture_owner(queue);
		assert_true(
		    segment_fixture_list(queue, owner, listed, 100) <= 1);
		assert_false(store_take_report(owner, &queue->error));
		store_close(owner);
		recover(queue);
		buf_finish(&before);
		buf_finish(&after);
		owner = store_open(queue->path, &queue->error);
		for (size_t i = segment_fixture_list(queue, owner, listed, 100);
		     i > 0; i--)
			assert_ok(queue,
			    store_done(owner, &listed[i - 1], &queue->error));
		store_close(owner);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_killed),
	    QUEUE_TEST(test_killed_recovery),
	    QUEUE_TEST(test_lost_done_records),
	    QUEUE_TEST(test_power_cut_in_batch),
	    QUEUE_TEST(test_power_cut_at_reuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
