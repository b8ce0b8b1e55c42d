/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include "lib/queue/done_journal.h"

#include "queue_fixture.h"

struct facts {
	size_t count;
	uint32_t highest;
};

static void
take(void *owner, const struct done_record *record)
{
	struct facts *facts = owner;

	facts->count++;
	if (record->message > facts->highest)
		facts->highest = record->message;
}

static struct facts
read_facts(struct queue_fixture *queue, int directory)
{
	struct facts facts = {0};

	assert_ok(
	    queue, done_journal_read(directory, take, &facts, &queue->error));
	return facts;
}

static int
open_directory(const struct queue_fixture *queue)
{
	int fd = open(queue->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static struct done_record
record_of(uint32_t message)
{
	return (struct done_record){
	    .segment = 65537,
	    .generation = 9,
	    .message = message,
	    .recipient = DONE_RECORD_ALL,
	    .state = RECIPIENT_DONE,
	};
}

static void
test_record(void **state UNUSED)
{
	struct done_record record = record_of(3), found;
	char bytes[DONE_RECORD_SIZE];

	record.state = RECIPIENT_BOUNCED;
	record.recipient = 17;
	done_record_encode(&record, bytes);
	assert_true(done_record_decode(bytes, &found));
	assert_int_equal(found.segment, 65537);
	assert_int_equal(found.generation, 9);
	assert_int_equal(found.message, 3);
	assert_int_equal(found.recipient, 17);
	assert_int_equal(found.state, RECIPIENT_BOUNCED);
	for (size_t i = 0; i < sizeof bytes; i++) {
		bytes[i] ^= 16;
		assert_false(done_record_decode(bytes, &found));
		bytes[i] ^= 16;
	}
	memset(bytes, 0, sizeof bytes);
	assert_false(done_record_decode(bytes, &found));
	record.state = RECIPIENT_TODO;
	done_record_encode(&record, bytes);
	assert_false(done_record_decode(bytes, &found));
}

static void
test_flush_and_torn_records(void **state)
{
	struct queue_fixture *queue = *state;
	int directory = open_directory(queue);
	struct done_journal journal;
	struct facts facts;
	char path[100];
	int fd;

	done_journal_init(&journal);
	assert_ok(queue,
	    done_journal_open(&journal, directory, SPAN_EMPTY, &queue->error));
	for (uint32_t i = 0; i < 10; i++) {
		struct done_record record = record_of(i);

		done_journal_add(&journal, &record);
	}
	assert_int_equal(read_facts(queue, directory).count, 0);
	assert_ok(queue, done_journal_flush(&journal, &queue->error));
	assert_int_equal(read_facts(queue, directory).count, 10);
	assert_true(done_journal_wants_sync(&journal));

	/* A torn one is skipped, the others count. */
	snprintf(path, sizeof path, "%s/qmgr.done.0", queue->path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(io_pwrite(
	    fd, SPAN("\xff"), 4 * DONE_RECORD_SIZE + 9, &queue->error));
	close(fd);
	facts = read_facts(queue, directory);
	assert_int_equal(facts.count, 9);
	assert_int_equal(facts.highest, 9);
	done_journal_finish(&journal);

	/* Opened again, new ones go behind the old ones. */
	done_journal_init(&journal);
	assert_ok(queue,
	    done_journal_open(&journal, directory, SPAN_EMPTY, &queue->error));
	done_journal_add(&journal,
	    &(struct done_record){.message = 99, .state = RECIPIENT_DONE});
	assert_ok(queue, done_journal_flush(&journal, &queue->error));
	assert_int_equal(read_facts(queue, directory).count, 10);
	done_journal_remove(&journal, directory);
	assert_int_equal(read_facts(queue, directory).count, 0);
	done_journal_finish(&journal);
	close(directory);
}

/* What still matters: the last hundred. */
struct live {
	uint32_t next;
};

static void
copy_live(void *owner, struct buf *records)
{
	const struct live *live = owner;
	char bytes[DONE_RECORD_SIZE];

	for (uint32_t i = live->next < 100 ? 0 : live->next - 100;
	     i < live->next; i++) {
		struct done_record record = record_of(i);

		done_record_encode(&record, bytes);
		must(buf_append(records, bytes, sizeof bytes));
	}
}

/* Rule 5: the files are used in turn, and neither a switch nor an end at any
 * point of it loses what matters. */
static void
test_switch(void **state)
{
	struct queue_fixture *queue = *state;
	int directory = open_directory(queue);
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct done_journal journal;
	struct live live = {0};
	int switches = 0;

	done_journal_init(&journal);
	assert_ok(queue,
	    done_journal_open(&journal, directory, SPAN_EMPTY, &queue->error));
	while (switches < 3) {
		int active = journal.active;

		for (int i = 0; i < 20000; i++) {
			struct done_record record = record_of(live.next++);

			done_journal_add(&journal, &record);
		}
		assert_ok(queue, done_journal_flush(&journal, &queue->error));
		assert_ok(queue,
		    done_journal_sync(
			&journal, &mutex, copy_live, &live, &queue->error));
		switches += journal.active != active;
		assert_int_equal(
		    read_facts(queue, directory).highest, live.next - 1);
		assert_true(journal.end <=
		    DONE_JOURNAL_SIZE + 20000 * DONE_RECORD_SIZE);
	}
	assert_false(done_journal_wants_sync(&journal));
	done_journal_finish(&journal);
	close(directory);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_record),
	    QUEUE_TEST(test_flush_and_torn_records),
	    QUEUE_TEST(test_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
