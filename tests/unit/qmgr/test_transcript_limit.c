/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "qmgr/transcript_limit.h"

static void
test_one_of_a_server(void **state UNUSED)
{
	struct transcript_limit limit = {0};

	assert_true(transcript_limit_admit(&limit, SPAN("a"), 1));
	assert_false(transcript_limit_admit(&limit, SPAN("a"), 1));
	assert_true(transcript_limit_admit(&limit, SPAN("b"), 2));
	assert_false(transcript_limit_admit(
	    &limit, SPAN("a"), TRANSCRIPT_LIMIT_INTERVAL));
	assert_true(transcript_limit_admit(
	    &limit, SPAN("a"), TRANSCRIPT_LIMIT_INTERVAL + 1));
	assert_false(transcript_limit_admit(
	    &limit, SPAN("b"), TRANSCRIPT_LIMIT_INTERVAL + 1));
}

/* Each minute so many, of whatever servers, with names of any length. */
static void
test_maximum(void **state UNUSED)
{
	struct transcript_limit limit = {0};
	char name[2 * TRANSCRIPT_LIMIT_NAME];
	unsigned admitted = 0;

	memset(name, 'x', sizeof name);
	for (unsigned i = 0; i < 1000; i++) {
		memcpy(name, &i, sizeof i);
		admitted += transcript_limit_admit(
		    &limit, span_of(name, sizeof name), 1 + i);
	}
	assert_int_equal(admitted, TRANSCRIPT_LIMIT_MAXIMUM);
	assert_true(transcript_limit_admit(
	    &limit, SPAN_EMPTY, TRANSCRIPT_LIMIT_INTERVAL + 1));
	assert_false(transcript_limit_admit(
	    &limit, SPAN("y"), TRANSCRIPT_LIMIT_INTERVAL + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_of_a_server),
	    cmocka_unit_test(test_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
