/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "cleanup/trust.h"

enum {
	FAILURES = 6,
	SECOND = 1000
};

/* When fsyncs fail, and by which of them the trust is lost. */
static void
test_is_lost_by_three_failures_in_a_minute(void **state UNUSED)
{
	static const struct {
		int64_t seconds[FAILURES]; /* 0 ends them */
		int lost_by;               /* -1: not at all */
	} cases[] = {
	    {{1}, -1},
	    {{1, 2}, -1},
	    {{1, 2, 3}, 2},
	    {{1, 30, 61}, 2},
	    {{1, 30, 62}, -1},
	    {{1, 30, 62, 90}, 3},
	    {{1, 100, 200, 300, 400, 500}, -1},
	    {{1, 100, 200, 210, 260}, 4},
	    {{5, 5, 5}, 2},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct trust trust = {.is_lost = false};
		int lost_by = -1;

		for (int k = 0;
		     k < FAILURES && cases[i].seconds[k] > 0 && lost_by < 0;
		     k++)
			if (trust_note_failure(
				&trust, cases[i].seconds[k] * SECOND))
				lost_by = k;
		assert_int_equal(lost_by, cases[i].lost_by);
		assert_int_equal(trust.is_lost, lost_by >= 0);
	}
}

static void
lose(struct trust *trust, int64_t now)
{
	for (int i = 0; i < TRUST_FAILURES; i++)
		assert_int_equal(
		    trust_note_failure(trust, now), i == TRUST_FAILURES - 1);
}

/* However fast they come: only what follows the last that counted by less than
 * TRUST_BATCH may be of the same batch. */
static void
test_refusals_of_a_batch_count_once(void **state UNUSED)
{
	struct trust trust = {.is_lost = false};

	for (int64_t now = SECOND; now < SECOND + 2 * TRUST_BATCH; now += 10)
		assert_false(trust_note_refusal(&trust, now));
	assert_true(trust_note_refusal(&trust, SECOND + 2 * TRUST_BATCH));
	assert_true(trust.is_lost);
}

static void
test_is_lost_once(void **state UNUSED)
{
	struct trust trust = {.is_lost = false};

	lose(&trust, SECOND);
	for (int i = 0; i < 10; i++)
		assert_false(trust_note_failure(&trust, SECOND));
	assert_true(trust.is_lost);
}

static void
test_trials_become_rare(void **state UNUSED)
{
	static const int64_t pauses[] = {4, 8, 16, 32, 60, 60};
	struct trust trust = {.is_lost = false};

	lose(&trust, SECOND);
	assert_int_equal(trust.pause, 2 * SECOND);
	for (size_t i = 0; i < COUNT_OF(pauses); i++) {
		trust_tried(&trust, false);
		assert_true(trust.is_lost);
		assert_int_equal(trust.pause, pauses[i] * SECOND);
	}
}

static void
test_a_good_trial_forgets_what_was(void **state UNUSED)
{
	struct trust trust = {.is_lost = false};

	lose(&trust, SECOND);
	trust_tried(&trust, false);
	trust_tried(&trust, true);
	assert_false(trust.is_lost);
	assert_false(trust_note_failure(&trust, SECOND));
	assert_false(trust_note_failure(&trust, SECOND));
	assert_true(trust_note_failure(&trust, SECOND));
	assert_int_equal(trust.pause, TRUST_FIRST_PAUSE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_is_lost_by_three_failures_in_a_minute),
	    cmocka_unit_test(test_refusals_of_a_batch_count_once),
	    cmocka_unit_test(test_is_lost_once),
	    cmocka_unit_test(test_trials_become_rare),
	    cmocka_unit_test(test_a_good_trial_forgets_what_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
