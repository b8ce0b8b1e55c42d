/* SPDX-License-Identifier: MIT */
/* Whole sessions: what the client says in one go, what it hears, and what
 * cleanup is given. */
#include "../unit.h"
#include "stage.h"

#define HELLO  "EHLO client.example\r\n"
#define MAIL   "MAIL FROM:<s@client.example>\r\n"
#define RCPT   "RCPT TO:<alice@mail.example>\r\n"
#define DATA   MAIL RCPT "DATA\r\n"
#define BEGUN  "250\n250\n354\n"
#define QUEUED "250\n"

struct story {
	const char *name;
	const char *input;
	const char *codes;   /* of the replies behind the one to EHLO */
	const char *content; /* as stored, of all messages; NULL: none */
	unsigned aborted;
	unsigned cleanup_code; /* 0: 250 */
	bool cleanup_breaks;
	bool is_friend;
};

static const struct story stories[] = {
    {.name = "nothing", .input = "", .codes = ""},
    {.name = "one message",
	.input = DATA "Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n",
	.codes = BEGUN QUEUED "221\n",
	.content = "Subject: x\r\n\r\nbody\r\n"},
    {.name = "two messages",
	.input = DATA "1\r\n.\r\n" DATA "2\r\n.\r\n",
	.codes = BEGUN QUEUED BEGUN QUEUED,
	.content = "1\r\n2\r\n"},
    {.name = "an empty message",
	.input = DATA ".\r\n",
	.codes = BEGUN QUEUED,
	.content = ""},
    {.name = "dots",
	.input = DATA "..\r\n.x\r\n...\r\n.\r\n",
	.codes = BEGUN QUEUED,
	.content = ".\r\nx\r\n..\r\n"},
    {.name = "chunks",
	.input = MAIL RCPT "BDAT 3\r\n.\r\nBDAT 4\r\nab\r\nBDAT 0 LAST\r\n",
	.codes = "250\n250\n250\n250\n" QUEUED,
	.content = ".\r\nab\r\n"},
    {.name = "a chunk that ends within a line end",
	.input = MAIL RCPT "BDAT 2\r\na\rBDAT 1 LAST\r\n\n",
	.codes = "250\n250\n250\n" QUEUED,
	.content = "a\r\n"},
    {.name = "a chunk that looks like a command",
	.input = MAIL RCPT "BDAT 6\r\nQUIT\r\nBDAT 0 LAST\r\n",
	.codes = "250\n250\n250\n" QUEUED,
	.content = "QUIT\r\n"},
    {.name = "empty chunks",
	.input = MAIL RCPT "BDAT 0\r\nBDAT 0\r\nBDAT 0\r\nBDAT 0 LAST\r\n",
	.codes = "250\n250\n250\n250\n250\n" QUEUED,
	.content = ""},
    {.name = "a chunk without a message is discarded",
	.input = "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
	.codes = "503\n250\n"},
    {.name = "a chunk without recipients is discarded",
	.input = MAIL "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
	.codes = "250\n503\n250\n"},
    {.name = "a chunk of unknown size ends the session",
	.input = MAIL RCPT "BDAT 18446744073709551616\r\nNOOP\r\n",
	.codes = "250\n250\n521\n",
	.aborted = 1},
    {.name = "a negative chunk",
	.input = MAIL RCPT "BDAT -1\r\nNOOP\r\n",
	.codes = "250\n250\n521\n",
	.aborted = 1},
    {.name = "a chunk that is last twice",
	.input = MAIL RCPT "BDAT 1 LAST LAST\r\nxNOOP\r\n",
	.codes = "250\n250\n521\n",
	.aborted = 1},
    {.name = "what follows a refused chunk is no message",
	.input = MAIL "BDAT 6\r\nQUIT\r\n" RCPT "BDAT 2 LAST\r\nab"
		      "DATA\r\nRSET\r\n" DATA ".\r\n",
	.codes = "250\n503\n250\n503\n503\n250\n" BEGUN QUEUED,
	.content = "",
	.aborted = 1},
    {.name = "a refused chunk does not spoil the next message",
	.input = "BDAT 4\r\nQUIT" MAIL RCPT "BDAT 4 LAST\r\nab\r\n",
	.codes = "503\n250\n250\n" QUEUED,
	.content = "ab\r\n"},
    {.name = "a recipient without a local part",
	.input = MAIL "RCPT TO:<\"\">\r\nRCPT TO:<\"\"@relay.example>\r\n",
	.codes = "250\n501\n501\n"},
    {.name = "DATA among chunks",
	.input = MAIL RCPT "BDAT 1\r\nxDATA\r\nRSET\r\n",
	.codes = "250\n250\n250\n503\n250\n",
	.aborted = 1},
    {.name = "RSET takes a message back",
	.input = MAIL RCPT "RSET\r\nDATA\r\n",
	.codes = "250\n250\n250\n503\n",
	.aborted = 1},
    {.name = "EHLO takes a message back",
	.input = MAIL RCPT HELLO "DATA\r\n",
	.codes = "250\n250\n250\n503\n",
	.aborted = 1},
    {.name = "QUIT within a message",
	.input = MAIL RCPT "QUIT\r\n",
	.codes = "250\n250\n221\n",
	.aborted = 1},
    {.name = "a client that leaves within the message",
	.input = DATA "half\r\n.",
	.codes = BEGUN,
	.aborted = 1},
    {.name = "a client that leaves behind the dot's CR",
	.input = DATA "half\r\n.\r",
	.codes = BEGUN,
	.aborted = 1},
    {.name = "a bare LF from a stranger",
	.input = DATA "a\nb\r\n.\r\nNOOP\r\n",
	.codes = BEGUN "550\n250\n",
	.aborted = 1},
    {.name = "a smuggled message",
	.input = DATA "a\r\n.\n" DATA "b\r\n.\r\nNOOP\r\n",
	.codes = BEGUN "550\n250\n",
	.aborted = 1},
    {.name = "a bare LF in a chunk",
	.input = MAIL RCPT "BDAT 4 LAST\r\na\nb\nNOOP\r\n",
	.codes = "250\n250\n550\n250\n",
	.aborted = 1},
    {.name = "a bare LF from a friend",
	.input = DATA "a\nb\n.\nc\r\n.\r\n",
	.codes = BEGUN QUEUED,
	.content = "a\r\nb\r\n\r\nc\r\n",
	.is_friend = true},
    {.name = "a bare CR from a friend",
	.input = DATA "a\rb\r\n.\r\n",
	.codes = BEGUN QUEUED,
	.content = "a b\r\n",
	.is_friend = true},
    {.name = "a size that is too large",
	.input = "MAIL FROM:<> SIZE=100001\r\nNOOP\r\n",
	.codes = "552\n250\n"},
    {.name = "a size that does not fit into a number",
	.input = "MAIL FROM:<> SIZE=18446744073709551616\r\nNOOP\r\n",
	.codes = "501\n250\n"},
    {.name = "a parameter twice",
	.input = "MAIL FROM:<> SIZE=1 SIZE=2\r\nNOOP\r\n",
	.codes = "501\n250\n"},
    {.name = "one bad recipient among good ones",
	.input =
	    MAIL "RCPT TO:<nobody@mail.example>\r\n" RCPT "DATA\r\nx\r\n.\r\n",
	.codes = "250\n550\n"
		 "250\n354\n" QUEUED,
	.content = "x\r\n"},
    {.name = "bad recipients only",
	.input = MAIL "RCPT TO:<nobody@mail.example>\r\nDATA\r\n",
	.codes = "250\n550\n554\n"},
    {.name = "a recipient that cannot be looked up",
	.input = MAIL "RCPT TO:<later@mail.example>\r\nDATA\r\n",
	.codes = "250\n451\n554\n"},
    {.name = "no relay for strangers",
	.input = MAIL "RCPT TO:<x@far.example>\r\n"
		      "RCPT TO:<@mail.example:x@far.example>\r\n"
		      "RCPT TO:<\"x@far.example\"@mail.example>\r\n",
	.codes = "250\n554\n554\n550\n"},
    {.name = "relay for relay domains",
	.input = MAIL "RCPT TO:<x@relay.example>\r\nDATA\r\nx\r\n.\r\n",
	.codes = BEGUN QUEUED,
	.content = "x\r\n"},
    {.name = "recipients that look like files and commands",
	.input = MAIL "RCPT TO:<|id@mail.example>\r\n"
		      "RCPT TO:</etc/passwd@mail.example>\r\n"
		      "RCPT TO:<-oQ@mail.example>\r\n",
	.codes = "250\n550\n550\n550\n"},
    {.name = "cleanup has no room",
	.input = DATA "x\r\n.\r\nNOOP\r\n",
	.codes = BEGUN "452\n250\n",
	.cleanup_code = 452},
    {.name = "cleanup breaks off",
	.input = DATA "x\r\n.\r\nNOOP\r\n",
	.codes = BEGUN "451\n250\n",
	.cleanup_breaks = true},
    {.name = "control bytes in a command",
	.input = "NOOP \001\002\r\nNOOP\033[31m\r\nNOOP\r\n",
	.codes = "250\n500\n250\n"},
    {.name = "what begins with no letter",
	.input = "NOOP\r\n\033[31m\r\nNOOP\r\n",
	.codes = "250\n221\n"},
    {.name = "a TLS handshake",
	.input = "\026\003\001\002\377\r\nNOOP\r\n",
	.codes = "221\n"},
    {.name = "8-bit addresses without SMTPUTF8",
	.input = "MAIL FROM:<\xc3\xa4@client.example>\r\n"
		 "MAIL FROM:<x@\xe2\x80\xae.example>\r\nNOOP\r\n",
	.codes = "553\n501\n250\n"},
    {.name = "8-bit addresses with SMTPUTF8",
	.input = "MAIL FROM:<\xc3\xa4@client.example> SMTPUTF8\r\n"
		 "RCPT TO:<\xc3\xa4@mail.example>\r\n"
		 "RCPT TO:<x@\xe2\x80\xae.example>\r\n"
		 "RSET\r\nMAIL FROM:<x@client.example>\r\n"
		 "RCPT TO:<\xc3\xa4@mail.example>\r\n",
	.codes = "250\n550\n501\n250\n250\n553\n"},
    {.name = "what is no UTF-8",
	.input = "NOOP \xff\r\nEHLO \xc0\xaf.example\r\nNOOP\r\n",
	.codes = "500\n500\n250\n"},
};

static const char main_cf[] = "myhostname = mail.example\n"
			      "mydestination = mail.example\n"
			      "relay_domains = relay.example\n"
			      "mynetworks = 127.0.0.0/8\n"
			      "mail_owner =\n"
			      "message_size_limit = 100000\n"
			      "compatibility_level = 3.6\n"
			      "smtpd_peername_lookup = no\n"
			      "smtpd_error_sleep_time = 0s\n"
			      "smtpd_forbid_unauth_pipelining = no\n"
			      "smtpd_hard_error_limit = 20\n";

static void
check_codes(const char *want)
{
	struct buf codes;
	char all[200];

	snprintf(all, sizeof all, "220\n250\n%s", want);
	buf_init(&codes, STAGE_OUTPUT_MAXIMUM);
	stage_list_codes(&codes);
	assert_span(buf_span(&codes), all);
	buf_finish(&codes);
}

static void
tell(const struct story *story, size_t step)
{
	struct buf input;

	buf_init(&input, STAGE_OUTPUT_MAXIMUM);
	buf_printf(&input, HELLO "%s", story->input);
	stage.client_ip = story->is_friend ? "127.0.0.1" : "192.0.2.1";
	stage.cleanup_code =
	    story->cleanup_code != 0 ? story->cleanup_code : 250;
	if (story->cleanup_breaks)
		stage.cleanup_code = 0;
	stage_talk(buf_span(&input), step);
	check_codes(story->codes);
	assert_span(buf_span(&stage.mail.content),
	    story->content != NULL ? story->content : "");
	assert_int_equal(stage.mail.committed > 0, story->content != NULL);
	assert_int_equal(stage.mail.aborted, story->aborted);
	buf_finish(&input);
}

static void
test_stories(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(stories); i++) {
		print_message("%s\n", stories[i].name);
		tell(&stories[i], SIZE_MAX);
		tell(&stories[i], 1);
		tell(&stories[i], 3);
	}
}

/* ATK 2, 5, 10, 13: much of what is cheap to send, in constant memory. */
struct flood {
	const char *name;
	const char *before;
	const char *again;
	unsigned count;
	const char *last; /* code of the last reply */
};

static const struct flood floods[] = {
    {"unknown commands", "", "FOO\r\n", 100, "421"},
    {"NOOPs", "", "NOOP\r\n", 1000, "421"},
    {"RSETs", "", "RSET\r\n", 1000, "421"},
    {"VRFYs", "", "VRFY alice@mail.example\r\n", 1000, "421"},
    {"empty chunks", MAIL RCPT, "BDAT 0\r\n", 100000, "250"},
    {"chunks of one byte", MAIL RCPT, "BDAT 1\r\nx", 50000, "250"},
    {"refused recipients", MAIL, "RCPT TO:<x@far.example>\r\n", 1000, "421"},
    {"long lines", "", "NOOP 0123456789012345678901234567890123456789\n", 1000,
	"421"},
};

static void
test_floods(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(floods); i++) {
		const struct flood *flood = &floods[i];
		struct span output;
		struct buf input;

		print_message("%s\n", flood->name);
		buf_init(&input, STAGE_OUTPUT_MAXIMUM);
		buf_printf(&input, HELLO "%s", flood->before);
		for (unsigned k = 0; k < flood->count; k++)
			buf_append_text(&input, flood->again);
		assert_false(input.overflowed);
		stage.client_ip = "192.0.2.1";
		stage.cleanup_code = 250;
		stage_talk(buf_span(&input), SIZE_MAX);
		output = span_trim(buf_span(&stage.output));
		output = span_skip(output, span_find_last(output, '\n') + 1);
		assert_span(span_head(output, 3), flood->last);
		assert_int_equal(stage.mail.committed, 0);
		buf_finish(&input);
	}
}

static void
test_endless_line(void **state UNUSED)
{
	struct buf input;

	buf_init(&input, STAGE_OUTPUT_MAXIMUM);
	buf_append_text(&input, HELLO);
	while (input.len < STAGE_OUTPUT_MAXIMUM / 2)
		buf_append_text(&input, "a line without an end ");
	buf_append_text(&input, "\r\nQUIT\r\n");
	stage_talk(buf_span(&input), SIZE_MAX);
	check_codes("500\n221\n");
	buf_finish(&input);
}

/* What the client calls itself goes into the trace as far as it is harmless. */
static void
test_trace(void **state UNUSED)
{
	static const char input[] = HELLO DATA "x\r\n.\r\n";
	static const char trace[] =
	    "Received: from client.example (unknown [192.0.2.1])\r\n"
	    "\tby mail.example (Postern) with ESMTP id " STAGE_QUEUE_ID "\r\n"
	    "\tfor <alice@mail.example>; ";

	stage_talk(span_text(input), SIZE_MAX);
	assert_int_equal(stage.mail.committed, 1);
	assert_span(
	    span_head(buf_span(&stage.mail.trace), sizeof trace - 1), trace);
	assert_span(buf_span(&stage.mail.sender), "s@client.example\n");
	assert_span(buf_span(&stage.mail.recipients),
	    "s@client.example -> alice@mail.example\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stories),
	    cmocka_unit_test(test_floods),
	    cmocka_unit_test(test_endless_line),
	    cmocka_unit_test(test_trace),
	};

	stage_open(main_cf);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
