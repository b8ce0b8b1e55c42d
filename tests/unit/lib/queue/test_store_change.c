/* SPDX-License-Identifier: MIT */
#include "lib/queue/store_change.h"

#include "queue_fixture.h"

enum {
	IN = 1 << PLACE_INCOMING,
	DEFERRED = 1 << PLACE_DEFERRED,
	HELD = 1 << PLACE_HOLD,
	CORRUPT = 1 << PLACE_CORRUPT,
	ANY = IN | DEFERRED | HELD | CORRUPT,
	DUE = 1795345209 /* seconds */
};

/* From where, where it may be, and where it is after one and after two such
 * changes, of which the second changes nothing. */
static const struct {
	enum change change;
	enum locator_place from;
	unsigned places;
	bool found;
	bool made;
	enum locator_place to;
} cases[] = {
    {CHANGE_NOTHING, PLACE_DEFERRED, ANY, true, true, PLACE_DEFERRED},
    {CHANGE_NOTHING, PLACE_DEFERRED, HELD | IN, false, false, PLACE_DEFERRED},
    {CHANGE_HOLD, PLACE_INCOMING, ANY, true, true, PLACE_HOLD},
    {CHANGE_HOLD, PLACE_DEFERRED, ANY, true, true, PLACE_HOLD},
    {CHANGE_HOLD, PLACE_HOLD, ANY, true, false, PLACE_HOLD},
    {CHANGE_HOLD, PLACE_INCOMING, DEFERRED, false, false, PLACE_INCOMING},
    {CHANGE_RELEASE, PLACE_HOLD, HELD, true, true, PLACE_INCOMING},
    {CHANGE_RELEASE, PLACE_DEFERRED, ANY, true, false, PLACE_DEFERRED},
    {CHANGE_RELEASE, PLACE_CORRUPT, CORRUPT, true, true, PLACE_INCOMING},
    {CHANGE_RELEASE, PLACE_CORRUPT, ANY ^ CORRUPT, false, false, PLACE_CORRUPT},
    {CHANGE_EXPIRE, PLACE_INCOMING, ANY, true, true, PLACE_INCOMING},
    {CHANGE_EXPIRE, PLACE_DEFERRED, ANY, true, true, PLACE_INCOMING},
    {CHANGE_EXPIRE, PLACE_HOLD, ANY, true, true, PLACE_HOLD},
    {CHANGE_REQUEUE, PLACE_DEFERRED, ANY, true, true, PLACE_INCOMING},
    {CHANGE_REQUEUE, PLACE_HOLD, ANY, true, true, PLACE_INCOMING},
};

static void
put_at(struct queue_fixture *queue, struct locator *locator,
    enum locator_place place)
{
	if (place == PLACE_DEFERRED)
		assert_ok(queue,
		    store_defer(queue->store, locator,
			(int64_t)DUE * CLOCK_SECOND, &queue->error));
	else if (place == PLACE_HOLD)
		assert_ok(
		    queue, store_hold(queue->store, locator, &queue->error));
	else if (place == PLACE_CORRUPT)
		assert_ok(queue,
		    store_set_aside(queue->store, locator, &queue->error));
}

static bool
is_at(struct queue_fixture *queue, const struct locator *locator,
    enum locator_place place)
{
	struct locator at = *locator;

	at.place = place;
	at.bucket = place == PLACE_DEFERRED ? DUE / 900 : 0;
	return access(queue_fixture_path(queue, &at), F_OK) == 0;
}

static void
test_cases(void **state)
{
	struct queue_fixture *queue = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct locator locator = queue_fixture_message(queue, 2, 10);
		struct changed changed;

		put_at(queue, &locator, cases[i].from);
		assert_int_equal(
		    store_change(queue->store, &locator.id, cases[i].change,
			cases[i].places, &changed, &queue->error),
		    cases[i].found);
		if (!cases[i].found)
			assert_int_equal(queue->error.kind, ERROR_NOT_FOUND);
		else
			assert_int_equal(changed.made, cases[i].made);
		assert_true(is_at(queue, &locator, cases[i].to));
		if (!cases[i].found || cases[i].change == CHANGE_NOTHING)
			continue;
		assert_ok(queue,
		    store_change(queue->store, &locator.id, cases[i].change,
			ANY, &changed, &queue->error));
		assert_false(changed.made);
		assert_true(is_at(queue, &locator, cases[i].to));
	}
}

static void
test_delete(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 10);
	struct changed changed;

	assert_ok(queue,
	    store_change(queue->store, &locator.id, CHANGE_DELETE, ANY,
		&changed, &queue->error));
	assert_true(changed.made);
	assert_false(is_at(queue, &locator, PLACE_INCOMING));
	assert_false(store_change(queue->store, &locator.id, CHANGE_DELETE, ANY,
	    &changed, &queue->error));
	assert_int_equal(queue->error.kind, ERROR_NOT_FOUND);
}

/* What is to become of it stands in the file. */
static void
test_wishes(void **state)
{
	struct queue_fixture *queue = *state;
	struct locator locator = queue_fixture_message(queue, 1, 10);
	const struct stored *stored;
	enum stored_result result;
	struct changed changed;

	assert_ok(queue,
	    store_change(queue->store, &locator.id, CHANGE_EXPIRE, ANY,
		&changed, &queue->error));
	assert_ok(queue,
	    store_change(queue->store, &locator.id, CHANGE_REQUEUE, ANY,
		&changed, &queue->error));
	stored = stored_open(queue->pool, queue->store, &changed.locator,
	    &result, &queue->error);
	assert_non_null(stored);
	assert_true(stored->expired > 0 && stored->requeue > 0);
	assert_int_equal(stored->outstanding, 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    QUEUE_TEST(test_cases),
	    QUEUE_TEST(test_delete),
	    QUEUE_TEST(test_wishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
