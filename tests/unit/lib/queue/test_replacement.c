/* SPDX-License-Identifier: MIT */
#include "lib/queue/replacement.h"

#include "queue_fixture.h"

/* A message that says that it replaces the other. */
static struct locator
put_successor(struct queue_fixture *queue, const struct locator *old)
{
	struct put *put = queue_fixture_put(queue);
	struct stored_recipient recipient =
	    queue_fixture_recipient("r@example.net");
	struct locator locator;

	assert_true(put_recipient(put, &recipient, NULL));
	queue_fixture_body(queue, put, 100);
	put_header(put, SPAN("Subject: test\r\n"));
	assert_true(
	    put_attribute(put, ATTRIBUTE_REPLACES, span_text(old->id.text)));
	assert_ok(queue, put_commit(put, &locator, &queue->error));
	put_close(put);
	return locator;
}

static void
name_successor(struct queue_fixture *queue, struct locator *old,
    const struct queue_id *successor)
{
	struct journal_entry entry = {
	    .type = JOURNAL_SUCCESSOR, .successor = *successor};
	struct store_report report = {.entries = &entry, .entry_count = 1};
	bool written;

	assert_ok(queue,
	    store_record(queue->store, old, &report, &written, &queue->error));
}

static bool
is_there(struct queue_fixture *queue, const struct locator *locator)
{
	return access(queue_fixture_path(queue, locator), F_OK) == 0;
}

static bool
is_superseded(struct queue_fixture *queue, const struct locator *locator)
{
	return replacement_is_superseded(
	    queue->store, queue_fixture_stored(queue, locator));
}

static void
end(struct queue_fixture *queue, const struct locator *successor)
{
	assert_ok(queue,
	    replacement_end(queue->store,
		queue_fixture_stored(queue, successor), &queue->error));
}

static void
test_most_messages_replace_nothing(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 100);

	assert_false(is_superseded(queue, &locator));
	end(queue, &locator);
	assert_true(is_there(queue, &locator));
}

static void
test_both_agree(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator old = queue_fixture_message(queue, 1, 100);
	struct locator successor = put_successor(queue, &old);

	name_successor(queue, &old, &successor.id);
	assert_true(is_superseded(queue, &old));
	assert_false(is_superseded(queue, &successor));
	end(queue, &successor);
	assert_false(is_there(queue, &old));
	assert_true(is_there(queue, &successor));
	/* Recovery may be killed and run again. */
	end(queue, &successor);
}

/* Wherever it was when everything died. */
static void
test_the_old_one_is_deferred(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator old = queue_fixture_message(queue, 1, 100);
	struct locator successor = put_successor(queue, &old);

	name_successor(queue, &old, &successor.id);
	assert_ok(queue,
	    store_defer(queue->store, &old, clock_wall(), &queue->error));
	end(queue, &successor);
	assert_false(is_there(queue, &old));
}

/* A message that only says so removes nothing. */
static void
test_the_old_one_does_not_agree(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator old = queue_fixture_message(queue, 1, 100);
	struct locator other = queue_fixture_message(queue, 1, 100);
	struct locator successor = put_successor(queue, &old);

	end(queue, &successor);
	assert_true(is_there(queue, &old));
	name_successor(queue, &old, &other.id);
	end(queue, &successor);
	assert_true(is_there(queue, &old));
}

static void
test_the_successor_was_never_durable(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator old = queue_fixture_message(queue, 1, 100);
	struct locator successor = put_successor(queue, &old);

	name_successor(queue, &old, &successor.id);
	assert_int_equal(unlink(queue_fixture_path(queue, &successor)), 0);
	assert_false(is_superseded(queue, &old));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_most_messages_replace_nothing),
	    QUEUE_TEST(test_both_agree),
	    QUEUE_TEST(test_the_old_one_is_deferred),
	    QUEUE_TEST(test_the_old_one_does_not_agree),
	    QUEUE_TEST(test_the_successor_was_never_durable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
