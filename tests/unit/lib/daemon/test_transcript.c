/* SPDX-License-Identifier: MIT */
#include "lib/daemon/notice_class.h"
#include "lib/daemon/transcript.h"
#include "lib/daemon/transcript_mail.h"

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

/* Text that came from another process cannot do more than be read. */
static void
test_message(void **state UNUSED)
{
	const struct transcript_mail mail = {
	    .program = SPAN("SMTP client"),
	    .peer = SPAN("mx\r\nBcc: x"),
	    .text = SPAN("a\r\nb\rc\n\xff\0\n.\r\nend"),
	    .is_cut = true,
	    .omitted = 3,
	};
	struct buf out;

	buf_init(&out, 4096);
	transcript_mail_compose(&out, "Postern", &mail);
	assert_span(buf_span(&out),
	    "From: Mail Delivery System <MAILER-DAEMON>\r\n"
	    "To: Postmaster <postmaster>\r\n"
	    "Subject: Postern SMTP client: errors from mx??Bcc: x\r\n"
	    "Auto-Submitted: auto-generated\r\n\r\n"
	    "Transcript of session follows.\r\n\r\n"
	    "a\r\nb?c\r\n??\r\n.\r\nend\r\n (more was said)\r\n\r\n"
	    "Transcripts that were not sent before this one, since there were "
	    "too many: 3\r\n\r\n"
	    "For other details, see the local mail logfile.\r\n");
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_kept),
	    cmocka_unit_test(test_lines_of_a_reply),
	    cmocka_unit_test(test_what_is_not_wanted),
	    cmocka_unit_test(test_maximum),
	    cmocka_unit_test(test_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
