/* SPDX-License-Identifier: MIT */
#include "lib/daemon/notice_class.h"
#include "lib/daemon/transcript.h"

#include "../../unit.h"

static void
test_what_is_kept(void **state UNUSED)
{
	struct transcript transcript;

	transcript_init(&transcript, NOTICE_CLASS_PROTOCOL);
	transcript_add_in(&transcript, SPAN("NOOP"));
	transcript_forget(&transcript);
	assert_int_equal(transcript.text.len, 0);
	transcript_add_in(&transcript, SPAN("A\x01\xff"));
	transcript_add_out(&transcript, SPAN("500 5.5.2 said"));
	transcript_note(
	    &transcript, NOTICE_CLASS_PROTOCOL | NOTICE_CLASS_POLICY);
	transcript_add_in(&transcript, SPAN("B"));
	transcript_forget(&transcript);
	assert_int_equal(transcript.happened, NOTICE_CLASS_PROTOCOL);
	assert_span(buf_span(&transcript.text),
	    " In:  A??\r\n Out: 500 5.5.2 said\r\n In:  B\r\n");
	transcript_clear(&transcript);
	assert_int_equal(transcript.happened, 0);
	assert_int_equal(transcript.text.len, 0);
	transcript_finish(&transcript);
}

static void
test_lines_of_a_reply(void **state UNUSED)
{
	struct transcript transcript;

	transcript_init(&transcript, NOTICE_CLASS_PROTOCOL);
	transcript_add_out(
	    &transcript, SPAN("250-mx\r\n250-PIPELINING\r\n250 DSN\r\n"));
	assert_span(buf_span(&transcript.text),
	    " Out: 250-mx\r\n Out: 250-PIPELINING\r\n Out: 250 DSN\r\n");
	transcript_finish(&transcript);
}

static void
test_what_is_not_wanted(void **state UNUSED)
{
	struct transcript transcript;

	transcript_init(&transcript, 0);
	transcript_add_in(&transcript, SPAN("A"));
	transcript_note(&transcript, NOTICE_CLASS_PROTOCOL);
	assert_int_equal(transcript.happened, 0);
	assert_int_equal(transcript.text.len, 0);
	transcript_finish(&transcript);
}

/* Whatever a peer sends. */
static void
test_maximum(void **state UNUSED)
{
	char line[200];
	struct transcript transcript;

	memset(line, 'x', sizeof line);
	transcript_init(&transcript, NOTICE_CLASS_PROTOCOL);
	transcript_add_in(&transcript, span_of(line, sizeof line));
	assert_int_equal(strcspn(buf_text(&transcript.text), "\r"), 76);
	for (int i = 0; i < 1000; i++)
		transcript_add_in(&transcript, span_of(line, sizeof line));
	assert_true(transcript.text.overflowed);
	assert_true(transcript.text.len <= TRANSCRIPT_MAXIMUM);
	transcript_finish(&transcript);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_kept),
	    cmocka_unit_test(test_lines_of_a_reply),
	    cmocka_unit_test(test_what_is_not_wanted),
	    cmocka_unit_test(test_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
