/* SPDX-License-Identifier: MIT */
#include "lib/base/clock.h"
#include "lib/mail/message_id.h"

#include "../../unit.h"

static void
test_append(void **state UNUSED)
{
	int64_t wall = INT64_C(1795345209) * CLOCK_SECOND;
	struct buf out;

	buf_init(&out, 100);
	assert_true(message_id_append(
	    &out, wall, SPAN("4jXRJQ3HHZz1d0Hr"), SPAN("mail.example")));
	assert_span(
	    buf_span(&out), "<20261122110009.4jXRJQ3HHZz1d0Hr@mail.example>");
	buf_finish(&out);
	buf_init(&out, 20);
	assert_false(
	    message_id_append(&out, wall, SPAN("ABC"), SPAN("mail.example")));
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
