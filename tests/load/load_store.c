/* SPDX-License-Identifier: MIT */
/* What lib/queue alone takes to accept and finish messages:
 *
 *	load_store file|segment DIRECTORY SESSIONS MESSAGES BYTES
 *
 * Each session puts a message, waits until it is durable, has it done, and goes
 * on with the next one. Prints messages per second and the microseconds of
 * processor time of a message; what kernel threads do is not in it. */
#include <sys/resource.h>

#include <err.h>
#include <pthread.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/list.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"
#include "lib/queue/segment_writer.h"
#include "lib/queue/spool_make.h"
#include "lib/queue/store_segments.h"

enum {
	SESSIONS_MAXIMUM = 256,
	BODY_MAXIMUM = 60000
};

/* A session that waits for its batch. */
struct waiting {
	struct list node;
	struct put *put;
	struct locator locator;
	bool is_over;
	pthread_cond_t over;
};

static struct {
	struct store *store; /* as qmgr has it */
	struct segment_writer *writer;
	struct span body;
	pthread_mutex_t mutex; /* of all below */
	uint64_t left;
	pthread_cond_t came;
	struct list waiting;
	bool has_ended;
} bench = {
    .mutex = PTHREAD_MUTEX_INITIALIZER,
    .came = PTHREAD_COND_INITIALIZER,
    .waiting = {&bench.waiting, &bench.waiting},
};

static void
check(bool good, const struct error *error)
{
	if (!good)
		errx(EX_OSERR, "%s", error->text);
}

/* With the mutex held. */
static void
use_again(void)
{
	struct locator_segment segment;
	struct error error;
	bool is_free;

	while (segment_writer_next_full(bench.writer, &segment)) {
		check(
		    store_segment_full(bench.store, &segment, &is_free, &error),
		    &error);
		if (is_free)
			must(segment_writer_free(bench.writer, &segment));
	}
	check(store_flush_done(bench.store, &error), &error);
	while (store_next_free_segment(bench.store, &segment))
		must(segment_writer_free(bench.writer, &segment));
}

/* With the mutex held, which is released while the disk works. */
static void
commit_batch(void)
{
	struct put *puts[SESSIONS_MAXIMUM];
	struct error error;
	size_t count = 0, taken;

	list_foreach (node, &bench.waiting)
		puts[count++] = list_element(node, struct waiting, node)->put;
	pthread_mutex_unlock(&bench.mutex);
	check(segment_writer_commit(bench.writer, puts, count, &taken, &error),
	    &error);
	while (taken == 0 && segment_writer_wants_segment(bench.writer)) {
		check(segment_writer_make(bench.writer, &error), &error);
		check(segment_writer_commit(
			  bench.writer, puts, count, &taken, &error),
		    &error);
	}
	pthread_mutex_lock(&bench.mutex);
	for (; taken > 0; taken--) {
		struct waiting *waiting = list_element(
		    list_first(&bench.waiting), struct waiting, node);

		list_remove(&waiting->node);
		waiting->locator = *put_locator(waiting->put);
		waiting->is_over = true;
		pthread_cond_signal(&waiting->over);
	}
	use_again();
}

static void *
run_committer(void *argument UNUSED)
{
	pthread_mutex_lock(&bench.mutex);
	while (!bench.has_ended) {
		if (list_is_empty(&bench.waiting))
			pthread_cond_wait(&bench.came, &bench.mutex);
		else
			commit_batch();
	}
	pthread_mutex_unlock(&bench.mutex);
	return NULL;
}

static struct locator
commit_light(struct put *put)
{
	struct waiting waiting = {.put = put};

	must(pthread_cond_init(&waiting.over, NULL) == 0);
	pthread_mutex_lock(&bench.mutex);
	list_add_last(&bench.waiting, &waiting.node);
	pthread_cond_signal(&bench.came);
	while (!waiting.is_over)
		pthread_cond_wait(&waiting.over, &bench.mutex);
	pthread_mutex_unlock(&bench.mutex);
	pthread_cond_destroy(&waiting.over);
	return waiting.locator;
}

static struct locator
commit(struct put *put)
{
	struct locator locator;
	struct error error;

	if (bench.writer != NULL)
		return commit_light(put);
	check(put_commit(put, &locator, &error), &error);
	return locator;
}

static void
run_message(struct id_source *ids)
{
	int64_t now = clock_wall();
	struct queue_id id = id_next(ids, now);
	struct put *put = put_create(bench.store, &id, now);
	struct stored_recipient recipient = {
	    .address = SPAN("someone@example.net"),
	    .original = SPAN_EMPTY,
	    .orcpt = SPAN_EMPTY,
	};
	struct locator locator;
	struct error error;

	must(put_recipient(put, &recipient, NULL) &&
	    put_body(put, bench.body) &&
	    put_attribute(put, ATTRIBUTE_SENDER, SPAN("else@example.org")));
	put_header(put, SPAN("Subject: one of many\r\n"));
	locator = commit(put);
	put_close(put);
	check(store_is_light(&locator)
		? store_done_soon(bench.store, &locator, &error)
		: store_done(bench.store, &locator, &error),
	    &error);
}

static bool
take_turn(void)
{
	bool goes_on;

	pthread_mutex_lock(&bench.mutex);
	goes_on = bench.left > 0;
	bench.left -= goes_on;
	pthread_mutex_unlock(&bench.mutex);
	return goes_on;
}

static void *
run_session(void *argument)
{
	uint32_t *number = argument;
	struct id_source ids;

	id_source_init(&ids, *number);
	while (take_turn())
		run_message(&ids);
	return NULL;
}

static uint64_t
number_of(const char *text, uint64_t maximum)
{
	uint64_t number;

	if (!number_parse(span_text(text), maximum, &number) || number == 0)
		errx(EX_USAGE, "no number up to %llu: %s",
		    (unsigned long long)maximum, text);
	return number;
}

static int64_t
processor_time(void)
{
	struct rusage usage;

	must(getrusage(RUSAGE_SELF, &usage) == 0);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * CLOCK_SECOND +
	    usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void
run_all(uint32_t sessions)
{
	pthread_t threads[SESSIONS_MAXIMUM], committer;
	uint32_t numbers[SESSIONS_MAXIMUM];

	must(pthread_create(&committer, NULL, run_committer, NULL) == 0);
	for (uint32_t i = 0; i < sessions; i++) {
		numbers[i] = i;
		must(pthread_create(
			 &threads[i], NULL, run_session, &numbers[i]) == 0);
	}
	for (uint32_t i = 0; i < sessions; i++)
		must(pthread_join(threads[i], NULL) == 0);
	pthread_mutex_lock(&bench.mutex);
	bench.has_ended = true;
	pthread_cond_signal(&bench.came);
	pthread_mutex_unlock(&bench.mutex);
	must(pthread_join(committer, NULL) == 0);
}

static void
open_queue(const char *kind, const char *directory)
{
	struct error error;

	check(spool_make(directory, NULL, &error), &error);
	bench.store = store_open(directory, &error);
	check(bench.store != NULL, &error);
	check(store_own_segments(bench.store, &error), &error);
	if (strcmp(kind, "segment") != 0)
		return;
	bench.writer = segment_writer_create(bench.store, 0, SEGMENT_SIZE);
	for (int i = 0; i < 2; i++)
		if (segment_writer_wants_segment(bench.writer))
			check(
			    segment_writer_make(bench.writer, &error), &error);
}

int
main(int argc, char **argv)
{
	uint64_t messages;
	uint32_t sessions;
	int64_t began, used;
	struct store_recovery recovery;
	struct error error;

	if (argc != 6)
		errx(
		    EX_USAGE, "file|segment DIRECTORY SESSIONS MESSAGES BYTES");
	sessions = (uint32_t)number_of(argv[3], SESSIONS_MAXIMUM);
	messages = number_of(argv[4], 100000000);
	bench.body = span_of(memory_zero(BODY_MAXIMUM),
	    (size_t)number_of(argv[5], BODY_MAXIMUM));
	open_queue(argv[1], argv[2]);
	bench.left = messages;
	began = clock_wall();
	used = processor_time();
	run_all(sessions);
	used = processor_time() - used;
	began = clock_wall() - began;
	printf("%s, %u sessions: %.0f messages/s, %.0f us of processor time "
	       "each\n",
	    argv[1], sessions, (double)messages * CLOCK_SECOND / (double)began,
	    (double)used / (double)messages);
	segment_writer_destroy(bench.writer);
	check(store_recover(bench.store, &recovery, &error), &error);
	store_close(bench.store);
	return 0;
}
