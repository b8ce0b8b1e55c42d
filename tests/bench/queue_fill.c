/* SPDX-License-Identifier: MIT */
/* Fills a queue with deferred messages, as if each had been tried once:
 *
 *	queue_fill [-d domains] [-n percent] [-s size] DIRECTORY COUNT
 *
 * They are for mailboxes in `domains` (10,000) domains deferN.test; `percent`
 * (0) of them are due now and the others between one hour and five days from
 * now; their sizes lie between 1 KB and `size` (20,480), mostly near the lower
 * end; all came within the last four days. Messages are made by lib/queue, so
 * that they are what cleanup and qmgr would have left, but nothing is synced
 * before the end: the linker puts functions of ours in the place of fsync and
 * fdatasync. */
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/number.h"
#include "lib/base/random.h"
#include "lib/queue/spool_make.h"
#include "lib/queue/store.h"

enum {
	THREADS = 4,
	HOUR = 3600,
	AGE = 4 * 24 * HOUR,   /* seconds: the oldest message */
	AHEAD = 5 * 24 * HOUR, /* seconds: the last one due */
	OVERDUE = 600,         /* seconds at most */
	BACKOFF = 4000,        /* seconds between the attempt and the next */
	SIZE_MINIMUM = 1024,
	TEXT_SIZE = 128
};

static struct {
	struct store *store;
	uint64_t messages;
	uint64_t domains;
	uint64_t due_percent;
	uint64_t size;
	char *body;
	int64_t now;
} fill = {.domains = 10000, .size = 20480};

/* What the linker calls instead: see CMakeLists.txt. */
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);

int
__wrap_fsync(int fd UNUSED)
{
	return 0;
}

int
__wrap_fdatasync(int fd UNUSED)
{
	return 0;
}

static void
check(bool good, const struct error *error)
{
	if (!good)
		errx(EX_OSERR, "%s", error->text);
}

/* Most are small: the square of an even random number. */
static size_t
choose_size(void)
{
	uint64_t range = fill.size - SIZE_MINIMUM + 1;
	uint64_t random = random_below(range);

	return SIZE_MINIMUM + (size_t)(random * random / range);
}

static int64_t
choose_due(void)
{
	if (random_below(100) < fill.due_percent)
		return fill.now -
		    (int64_t)random_below((uint64_t)OVERDUE * CLOCK_SECOND);
	return fill.now + (int64_t)HOUR * CLOCK_SECOND +
	    (int64_t)random_below((uint64_t)(AHEAD - HOUR) * CLOCK_SECOND);
}

static void
put_message(const struct queue_id *id, uint64_t number, int64_t arrival,
    struct locator *locator)
{
	struct put *put = put_create(fill.store, id, arrival);
	struct stored_recipient recipient = {.flags = 0};
	char address[TEXT_SIZE], header[TEXT_SIZE];
	struct error error;

	snprintf(address, sizeof address, "user%llu@defer%llu.test",
	    (unsigned long long)number,
	    (unsigned long long)random_below(fill.domains));
	snprintf(header, sizeof header, "Subject: backlog %llu\r\n",
	    (unsigned long long)number);
	recipient.address = span_text(address);
	must(put_recipient(put, &recipient, NULL) &&
	    put_body(put, span_of(fill.body, choose_size())) &&
	    put_attribute(put, ATTRIBUTE_SENDER, SPAN("bulk@client.test")));
	put_header(put, span_text(header));
	check(put_commit(put, locator, &error), &error);
	put_close(put);
}

/* Tried once and put off. */
static void
defer(struct locator *locator)
{
	int64_t due = choose_due();
	struct journal_entry entries[] = {
	    {
		.type = JOURNAL_ATTEMPT,
		.time = due - (int64_t)BACKOFF * CLOCK_SECOND,
		.next = due,
	    },
	    {
		.type = JOURNAL_REASON,
		.reason =
		    {
			.status = SPAN("4.4.1"),
			.remote = SPAN_EMPTY,
			.diagnostic = SPAN_EMPTY,
			.text = SPAN("connect to 192.0.2.1[192.0.2.1]:25: "
				     "Connection timed out"),
		    },
	    },
	};
	struct store_report report = {
	    .entries = entries, .entry_count = COUNT_OF(entries)};
	bool states_written;
	struct error error;

	check(
	    store_record(fill.store, locator, &report, &states_written, &error),
	    &error);
	check(store_defer(fill.store, locator, due, &error), &error);
}

/* Every THREADS-th message; ids rise with the arrival. */
static void *
run(void *argument)
{
	uint32_t *number = argument;
	struct id_source ids;

	id_source_init(&ids, *number);
	for (uint64_t i = *number; i < fill.messages; i += THREADS) {
		int64_t arrival = fill.now -
		    (int64_t)((uint64_t)AGE * CLOCK_SECOND / fill.messages *
			(fill.messages - i));
		struct queue_id id = id_next(&ids, arrival);
		struct locator locator;

		put_message(&id, i, arrival, &locator);
		defer(&locator);
	}
	return NULL;
}

static void
run_all(void)
{
	pthread_t threads[THREADS];
	uint32_t numbers[THREADS];

	for (uint32_t i = 0; i < THREADS; i++) {
		numbers[i] = i;
		must(pthread_create(&threads[i], NULL, run, &numbers[i]) == 0);
	}
	for (uint32_t i = 0; i < THREADS; i++)
		must(pthread_join(threads[i], NULL) == 0);
}

static char *
make_body(size_t size)
{
	static const char line[] =
	    "The quick brown fox jumps over the lazy dog and runs on.\r\n";
	char *body = memory_alloc(size);

	body[0] = '\r';
	body[1] = '\n';
	for (size_t i = 2; i < size; i++)
		body[i] = line[(i - 2) % (sizeof line - 1)];
	return body;
}

static uint64_t
number_of(const char *text, uint64_t minimum, uint64_t maximum)
{
	uint64_t number;

	if (!number_parse(span_text(text), maximum, &number) ||
	    number < minimum)
		errx(EX_USAGE, "no number from %llu to %llu: %s",
		    (unsigned long long)minimum, (unsigned long long)maximum,
		    text);
	return number;
}

static const char *
read_options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "d:n:s:")) != -1) {
		if (option == 'd')
			fill.domains = number_of(optarg, 1, 1000000);
		else if (option == 'n')
			fill.due_percent = number_of(optarg, 0, 100);
		else if (option == 's')
			fill.size =
			    number_of(optarg, SIZE_MINIMUM, PUT_APPEND_MAXIMUM);
		else
			exit(EX_USAGE);
	}
	if (argc - optind != 2)
		errx(EX_USAGE,
		    "usage: queue_fill [-d domains] [-n percent due now] "
		    "[-s maximal size] DIRECTORY COUNT");
	fill.messages = number_of(argv[optind + 1], 1, 100000000);
	return argv[optind];
}

int
main(int argc, char **argv)
{
	const char *directory = read_options(argc, argv);
	struct error error;
	int64_t began;
	int fd;

	fill.now = clock_wall();
	fill.body = make_body(fill.size);
	check(spool_make(directory, NULL, &error), &error);
	fill.store = store_open(directory, &error);
	check(fill.store != NULL, &error);
	began = clock_monotonic();
	run_all();
	began = clock_monotonic() - began;
	printf("%llu messages, %llu/s\n", (unsigned long long)fill.messages,
	    (unsigned long long)fill.messages * 1000 /
		(unsigned long long)(began + 1));
	store_close(fill.store);
	free(fill.body);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || syncfs(fd) < 0)
		err(EX_OSERR, "sync %s", directory);
	close(fd);
	return EX_OK;
}
