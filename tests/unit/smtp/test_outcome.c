/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "smtp/outcome.h"

static const struct outcome_place place = {
    .name = "mx.example",
    .where = "mx.example[192.0.2.1]",
    .relay = "mx.example[192.0.2.1]:25",
    .uses = 2,
    .connected = 7,
};

static int
open_pool(void **state)
{
	*state = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	return 0;
}

static int
close_pool(void **state)
{
	pool_destroy(*state);
	return 0;
}

static void
test_refusals(void **state)
{
	static const struct {
		uint16_t code;
		const char *status;
		const char *text;
		enum delivery_outcome want;
		const char *dsn;
		const char *said;
	} cases[] = {
	    {550, "5.1.1", "no", DELIVERY_BOUNCED, "5.1.1", "550 5.1.1 no"},
	    {450, "4.2.0", "later", DELIVERY_DEFERRED, "4.2.0",
		"450 4.2.0 later"},
	    {550, NULL, "no", DELIVERY_BOUNCED, "5.0.0", "550 no"},
	    {421, NULL, "bye", DELIVERY_DEFERRED, "4.0.0", "421 bye"},
	    /* What is neither may not be taken for success or failure. */
	    {354, NULL, "go", DELIVERY_DEFERRED, "4.0.0", "354 go"},
	    {250, "2.0.0", "ok", DELIVERY_DEFERRED, "4.0.0", "250 2.0.0 ok"},
	    {550, NULL, "two\nlines", DELIVERY_BOUNCED, "5.0.0",
		"550 two lines"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct delivery_result *result;
		struct reply reply;
		char text[200];

		reply_set(&reply, cases[i].code, cases[i].status, "%s",
		    cases[i].text);
		result =
		    outcome_refused(*state, &place, &reply, "RCPT TO command");
		snprintf(text, sizeof text,
		    "host mx.example[192.0.2.1] said: %s (in reply to RCPT TO "
		    "command)",
		    cases[i].said);
		assert_int_equal(result->outcome, cases[i].want);
		assert_span(result->dsn, cases[i].dsn);
		assert_span(result->text, text);
		assert_span(result->reply, cases[i].said);
		assert_span(result->remote, "mx.example");
		assert_span(result->relay, "mx.example[192.0.2.1]:25");
		assert_int_equal(result->uses, 2);
		assert_int_equal(result->connected, 7);
	}
}

static void
test_at_hello(void **state)
{
	static const struct outcome_place nowhere = {0};
	struct pool *full = pool_create(NULL, "full", 0);
	const struct delivery_result *failure =
	    outcome_failure(*state, &nowhere, "4.5.0", "protocol error");
	const struct delivery_result *result =
	    outcome_at_hello(*state, failure);

	assert_true(result->at_hello);
	assert_false(failure->at_hello);
	assert_span(result->dsn, "4.5.0");
	assert_span(result->text, "protocol error");
	/* Our own want is not the server's fault. */
	assert_false(outcome_at_hello(full, failure)->at_hello);
	pool_destroy(full);
}

static void
test_failure_without_connection(void **state)
{
	static const struct outcome_place nowhere = {0};
	const struct delivery_result *result =
	    outcome_failure(*state, &nowhere, "5.4.4", "no host %d", 5);

	assert_int_equal(result->outcome, DELIVERY_BOUNCED);
	assert_span(result->dsn, "5.4.4");
	assert_span(result->text, "no host 5");
	assert_span(result->relay, "none");
	assert_span(result->reply, "");
	assert_span(result->remote, "");
	assert_int_equal(result->uses, 0);
}

static void
test_sent(void **state)
{
	const struct delivery_result *result;
	struct reply reply;

	reply_set(&reply, 250, "2.0.0", "Ok: queued as X");
	result = outcome_sent(*state, &place, &reply, DELIVERY_PASSED_ON);
	assert_int_equal(result->outcome, DELIVERY_PASSED_ON);
	assert_span(result->dsn, "2.0.0");
	assert_span(result->text, "250 2.0.0 Ok: queued as X");
	result = outcome_sent(*state, &place, &reply, DELIVERY_RELAYED);
	assert_int_equal(result->outcome, DELIVERY_RELAYED);
}

/* A full pool changes the words only. */
static void
test_no_memory(void **state UNUSED)
{
	struct pool *full = pool_create(NULL, "full", 0);
	struct reply reply;

	reply_set(&reply, 250, "2.0.0", "ok");
	assert_int_equal(
	    outcome_sent(full, &place, &reply, DELIVERY_PASSED_ON)->outcome,
	    DELIVERY_RELAYED);
	assert_int_equal(outcome_refused(full, &place, &reply, "X")->outcome,
	    DELIVERY_DEFERRED);
	assert_int_equal(outcome_failure(full, &place, "5.0.0", "x")->outcome,
	    DELIVERY_DEFERRED);
	pool_destroy(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_at_hello),
	    cmocka_unit_test(test_failure_without_connection),
	    cmocka_unit_test(test_sent),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, open_pool, close_pool);
}
