/* SPDX-License-Identifier: MIT */
#include "lib/daemon/notice_class.h"

#include "../unit.h"
#include "smtpd/transcript.h"

static const struct {
	uint16_t code;
	const char *status;
	const char *text;
	unsigned class;
} replies[] = {
    {250, "2.1.0", "Ok", 0},
    {354, NULL, "End data with <CR><LF>.<CR><LF>", 0},
    {421, "4.4.2", "Error: timeout exceeded", 0},
    {554, "5.7.1", "Relay access denied", NOTICE_CLASS_POLICY},
    {450, "4.7.25", "Client host rejected", NOTICE_CLASS_POLICY},
    {550, "5.1.1", "User unknown", NOTICE_CLASS_BOUNCE},
    {552, "5.3.4", "Message size exceeds limit", NOTICE_CLASS_POLICY},
    {452, "4.5.3", "Error: too many recipients", NOTICE_CLASS_POLICY},
    {452, "4.3.1", "Insufficient system storage", NOTICE_CLASS_RESOURCE},
    {451, "4.3.0", "Temporary lookup failure", NOTICE_CLASS_DATA},
    {451, "4.3.0", "Error: queue file write error", NOTICE_CLASS_SOFTWARE},
    {503, "5.5.1", "Error: need RCPT command", NOTICE_CLASS_PROTOCOL},
    {500, "5.5.2", "Error: command not recognized", NOTICE_CLASS_PROTOCOL},
};

static void
test_classes(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct reply reply;

		reply_set(&reply, replies[i].code, replies[i].status, "%s",
		    replies[i].text);
		assert_int_equal(transcript_class_of(&reply), replies[i].class);
	}
}

static void
say(struct transcript *transcript, const char *command, uint16_t code,
    const char *status, bool counts)
{
	struct reply reply;

	transcript_add_command(transcript, span_text(command));
	reply_set(&reply, code, status, "said");
	transcript_add_reply(transcript, &reply, counts);
}

static void
test_what_is_kept(void **state UNUSED)
{
	struct transcript transcript;

	transcript_init(&transcript, NOTICE_CLASS_PROTOCOL);
	say(&transcript, "NOOP", 250, "2.0.0", true);
	transcript_forget(&transcript);
	assert_int_equal(transcript.text.len, 0);
	say(&transcript, "A\x01\xff", 500, "5.5.2", true);
	say(&transcript, "B", 554, "5.7.1", true);
	transcript_forget(&transcript);
	assert_int_equal(transcript.happened, NOTICE_CLASS_PROTOCOL);
	assert_span(buf_span(&transcript.text),
	    " In:  A??\r\n Out: 500 5.5.2 said\r\n"
	    " In:  B\r\n Out: 554 5.7.1 said\r\n");
	transcript_finish(&transcript);
}

static void
test_lines_of_a_reply(void **state UNUSED)
{
	struct transcript transcript;
	struct reply reply;

	transcript_init(&transcript, NOTICE_CLASS_PROTOCOL);
	reply_set(&reply, 250, NULL, "mx\nPIPELINING\nDSN");
	transcript_add_reply(&transcript, &reply, true);
	assert_span(buf_span(&transcript.text),
	    " Out: 250-mx\r\n Out: 250-PIPELINING\r\n Out: 250 DSN\r\n");
	transcript_finish(&transcript);
}

static void
test_what_does_not_count(void **state UNUSED)
{
	struct transcript transcript;

	transcript_init(&transcript, NOTICE_CLASS_PROTOCOL);
	say(&transcript, "A", 500, "5.5.2", false);
	assert_int_equal(transcript.happened, 0);
	transcript_finish(&transcript);
	transcript_init(&transcript, 0);
	say(&transcript, "A", 500, "5.5.2", true);
	assert_int_equal(transcript.happened, 0);
	assert_int_equal(transcript.text.len, 0);
	transcript_finish(&transcript);
}

/* Whatever a client sends. */
static void
test_maximum(void **state UNUSED)
{
	char line[200];
	struct transcript transcript;

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	transcript_init(&transcript, NOTICE_CLASS_PROTOCOL);
	say(&transcript, line, 500, "5.5.2", true);
	assert_int_equal(strcspn(buf_text(&transcript.text), "\r"), 76);
	for (int i = 0; i < 1000; i++)
		say(&transcript, line, 500, "5.5.2", true);
	assert_true(transcript.text.overflowed);
	assert_true(transcript.text.len <= TRANSCRIPT_MAXIMUM);
	transcript_finish(&transcript);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_what_is_kept),
	    cmocka_unit_test(test_lines_of_a_reply),
	    cmocka_unit_test(test_what_does_not_count),
	    cmocka_unit_test(test_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
