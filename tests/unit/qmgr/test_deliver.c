/* SPDX-License-Identifier: MIT */
/* Reports of agents, good and bad. */
#include "../unit.h"
#include "qmgr/deliver.h"

enum {
	RECIPIENTS = 3
};

struct status {
	uint32_t number;
	uint32_t outcome;
};

static const struct {
	struct status statuses[4];
	size_t count;
	size_t cut; /* bytes that the last frame is short of */
	bool want;
	size_t left;
} cases[] = {
    {{{7, DELIVERY_SENT}, {8, DELIVERY_DEFERRED}, {9, DELIVERY_BOUNCED}}, 3, 0,
	true, 0},
    {{{9, DELIVERY_SENT}, {7, DELIVERY_SENT}, {8, DELIVERY_SENT}}, 3, 0, true,
	0},
    {{{8, DELIVERY_RELAYED}}, 1, 0, true, 2},
    {{{0, 0}}, 0, 0, true, 3},
    {{{6, DELIVERY_SENT}}, 1, 0, false, 3},
    {{{7, DELIVERY_SENT}, {7, DELIVERY_SENT}}, 2, 0, false, 2},
    {{{7, DELIVERY_OUTCOME_COUNT}}, 1, 0, false, 3},
    {{{7, DELIVERY_SENT}, {8, DELIVERY_SENT}}, 2, 1, false, 2},
};

static void
put_statuses(struct buf *list, const struct status *statuses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_true(message_put_recipient_status(list,
		    &(struct message_recipient_status){
			.number = statuses[i].number,
			.outcome = statuses[i].outcome,
			.dsn = SPAN("2.0.0"),
			.text = SPAN("250 ok"),
			.remote = SPAN("mx.example"),
			.reply = SPAN_EMPTY,
			.at_hello = true,
		    }));
}

static void
test_statuses(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pool *pool = pool_create(NULL, "test", 65536);
		struct result results[RECIPIENTS] = {
		    {.number = 7}, {.number = 8}, {.number = 9}};
		struct report report = {
		    .results = results, .count = RECIPIENTS};
		size_t left = RECIPIENTS;
		struct buf list;

		for (size_t j = 0; j < RECIPIENTS; j++)
			results[j].outcome = DELIVERY_PENDING;
		buf_init(&list, 65536);
		put_statuses(&list, cases[i].statuses, cases[i].count);
		buf_shorten(&list, cases[i].cut);
		assert_int_equal(deliver_take_statuses(
				     &report, pool, buf_span(&list), &left),
		    cases[i].want);
		assert_int_equal(left, cases[i].left);
		for (size_t j = 0; cases[i].want && j < RECIPIENTS; j++)
			if (results[j].outcome != DELIVERY_PENDING) {
				assert_span(results[j].text, "250 ok");
				assert_true(results[j].at_hello);
			}
		buf_finish(&list);
		pool_destroy(pool);
	}
}

/* What Postfix's SCHEDULER_README counts as negative feedback: a connection or
 * handshake that fails; a recipient or message that is put off does not. */
static void
test_feedback(void **state UNUSED)
{
	const struct {
		struct result results[2];
		enum schedule_outcome want;
	} feedback[] = {
	    {{{.outcome = DELIVERY_RELAYED}, {.outcome = DELIVERY_RELAYED}},
		SCHEDULE_GOOD},
	    {{{.outcome = DELIVERY_DEFERRED, .dsn = SPAN("4.4.1")},
		 {.outcome = DELIVERY_DEFERRED, .dsn = SPAN("4.4.2")}},
		SCHEDULE_FAILED},
	    /* One got through. */
	    {{{.outcome = DELIVERY_DEFERRED, .dsn = SPAN("4.4.2")},
		 {.outcome = DELIVERY_RELAYED}},
		SCHEDULE_GOOD},
	    {{{.outcome = DELIVERY_DEFERRED,
		  .dsn = SPAN("4.7.0"),
		  .reply = SPAN("421 4.7.0 too many"),
		  .at_hello = true},
		 {.outcome = DELIVERY_DEFERRED,
		     .dsn = SPAN("4.5.0"),
		     .at_hello = true}},
		SCHEDULE_FAILED},
	    {{{.outcome = DELIVERY_DEFERRED,
		  .dsn = SPAN("4.7.0"),
		  .reply = SPAN("421 4.7.0 too many"),
		  .at_hello = true},
		 {.outcome = DELIVERY_DEFERRED,
		     .dsn = SPAN("4.2.0"),
		     .reply = SPAN("450 4.2.0 greylisted")}},
		SCHEDULE_GOOD},
	    /* A reply about the recipient, whatever its status. */
	    {{{.outcome = DELIVERY_DEFERRED,
		  .dsn = SPAN("4.4.5"),
		  .reply = SPAN("451 4.4.5 later")},
		 {.outcome = DELIVERY_DEFERRED, .dsn = SPAN("4.4.2")}},
		SCHEDULE_GOOD},
	    /* Refused for ever: it has been decided. */
	    {{{.outcome = DELIVERY_BOUNCED,
		  .dsn = SPAN("5.0.0"),
		  .reply = SPAN("554 no"),
		  .at_hello = true},
		 {.outcome = DELIVERY_BOUNCED, .dsn = SPAN("5.4.4")}},
		SCHEDULE_GOOD},
	};

	for (size_t i = 0; i < COUNT_OF(feedback); i++) {
		struct result results[] = {
		    feedback[i].results[0], feedback[i].results[1]};
		struct report report = {
		    .results = results, .count = COUNT_OF(results)};

		assert_int_equal(deliver_judge(&report), feedback[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_statuses),
	    cmocka_unit_test(test_feedback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
