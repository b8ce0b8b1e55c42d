/* SPDX-License-Identifier: MIT */
/* The daemon pickup itself, with a test that is its master, its client, lookup
 * and cleanup. */
#include "lib/net/stream.h"

#include "../cleanup/fake_master.h"

enum {
	HEARD_MAXIMUM = 1 << 20
};

/* What cleanup has been told in a session, as text. */
static struct buf heard;

static void
send_reply(struct conversation *conversation, uint32_t code, const char *status,
    const char *text)
{
	conversation_send_reply(conversation,
	    &(struct message_reply){code, span_text(status), span_text(text)});
}

/* False: cleanup dies of it. */
static bool
hear_recipient(struct conversation *conversation, struct span payload)
{
	struct message_recipient recipient;

	assert_true(message_get_recipient(payload, &recipient));
	buf_printf(&heard, "to=%.*s notify=%u orcpt=%.*s\n",
	    SPAN_ARGS(recipient.address), recipient.notify,
	    SPAN_ARGS(recipient.original));
	if (span_equal(recipient.address, SPAN("deadly@example.org")))
		return false;
	if (span_equal(recipient.address, SPAN("bad@example.org")))
		send_reply(conversation, 550, "5.1.1", "unknown");
	else
		send_reply(conversation, 250, "2.1.5", "Ok");
	return true;
}

static void
hear_begin(struct conversation *conversation, struct span payload)
{
	struct message_begin begin;

	assert_true(message_get_begin(payload, &begin));
	buf_printf(&heard, "from=%.*s flags=%u name=%.*s envid=%.*s ret=%u\n",
	    SPAN_ARGS(begin.sender), begin.flags, SPAN_ARGS(begin.full_name),
	    SPAN_ARGS(begin.envelope_id), begin.ret);
	conversation_send_begun(
	    conversation, &(struct message_begun){SPAN("4QUEUEID")});
}

static void
hear_message(struct conversation *conversation, struct frame *first)
{
	struct frame frame = *first;

	hear_begin(conversation, first->payload);
	while (frame.type != MESSAGE_END) {
		if (!conversation_receive(conversation,
			loop_deadline(FAKE_MASTER_PATIENCE), &frame, NULL)) {
			buf_append_text(&heard, "broken off\n");
			return;
		}
		if (frame.type == MESSAGE_RECIPIENT &&
		    !hear_recipient(conversation, frame.payload))
			return;
		if (frame.type == MESSAGE_CONTENT)
			buf_append_span(&heard, frame.payload);
	}
	send_reply(conversation, 250, "2.0.0", "Ok: queued as 4QUEUEID");
}

static void
hear_user(struct conversation *conversation, struct frame *first)
{
	struct message_lookup_user question;

	assert_true(message_get_lookup_user(first->payload, &question));
	assert_int_equal(question.name.len, 0);
	assert_int_equal(question.uid, getuid());
	conversation_send_user(conversation,
	    &(struct message_user){.result = LOOKUP_FOUND,
		.name = SPAN("joe"),
		.uid = question.uid,
		.full_name = SPAN("& User,Room 1"),
		.home = SPAN("/"),
		.shell = SPAN("/bin/sh")});
}

static const struct peer_handler cleanup_handlers[] = {
    {.type = MESSAGE_BEGIN, .serve = hear_message},
};

static const struct peer_handler lookup_handlers[] = {
    {.type = MESSAGE_LOOKUP_USER, .serve = hear_user},
};

static const struct fake_service services[] = {
    {"cleanup", cleanup_handlers, COUNT_OF(cleanup_handlers)},
    {"lookup", lookup_handlers, COUNT_OF(lookup_handlers)},
};

static struct fake_master master = {
    .services = services, .service_count = COUNT_OF(services)};

struct story {
	const char *name;
	const char *said;   /* by the client, in one write */
	const char *codes;  /* of the replies, behind the greeting */
	const char *want;   /* of what cleanup heard, up to... */
	const char *behind; /* ... the Received field, and behind it */
	bool hang_up;
};

#define HELLO "EHLO x\r\n"
#define FROM  "MAIL FROM:<a@example.org>\r\n"
#define TO    "RCPT TO:<b@example.org>\r\n"
#define BEGUN "from=a@example.org flags=4 name=Joe User envid= ret=0\n"
#define HEARD "to=b@example.org notify=0 orcpt=\n"
#define QUIT  "QUIT\r\n"

static const struct story stories[] = {
    {"a message, pipelined",
	HELLO FROM TO "DATA\r\nSubject: x\r\n\r\n..a\r\n.\r\n" QUIT,
	"250 250 250 354 250 221 ", BEGUN HEARD, "Subject: x\r\n\r\n.a\r\n",
	false},
    {"the submitting user, his other name and all parameters",
	HELLO "MAIL FROM:<> XUSER XFULLNAME=J+2E+20D. SIZE=10 "
	      "BODY=8BITMIME RET=HDRS ENVID=e+2Bf\r\n"
	      "RCPT TO:<b> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c+2Bd\r\n"
	      "DATA\r\n.\r\n" QUIT,
	"250 250 250 354 250 221 ",
	"from=joe flags=5 name=J. D. envid=e+2Bf ret=2\n"
	"to=b notify=10 orcpt=rfc822;c+d\n",
	"", false},
    {"one of two recipients, then another message",
	HELLO FROM "RCPT TO:<bad@example.org>\r\n" TO "DATA\r\n.\r\n" FROM TO
		   "RSET\r\n" QUIT,
	"250 250 550 250 354 250 250 250 250 221 ",
	BEGUN "to=bad@example.org notify=0 orcpt=\n" HEARD, NULL, false},
    {"commands out of order",
	FROM HELLO TO "DATA\r\n" FROM FROM "DATA\r\n" QUIT,
	"503 250 503 554 250 503 554 221 ", "", NULL, false},
    {"bad arguments",
	HELLO "MAIL a@b\r\nMAIL FROM:<a\r\nMAIL FROM:<> X=y\r\n"
	      "MAIL FROM:<> SIZE=1x\r\nMAIL FROM:<> SIZE=99999\r\n"
	      "MAIL FROM:<> RET=x\r\nMAIL FROM:<> ENVID=+x\r\n"
	      "MAIL FROM:<> BODY=x\r\nMAIL FROM:<> XFULLNAME=+\r\n" FROM
	      "RCPT TO:<>\r\nRCPT TO:<a> NOTIFY=x\r\n"
	      "RCPT TO:<a> ORCPT=x\r\nRCPT TO:<a> SIZE=1\r\n" QUIT,
	"250 501 501 555 501 552 501 501 501 501 250 501 501 501 555 221 ", "",
	NULL, false},
    {"recipients of a message that cleanup has lost are not forgotten",
	HELLO FROM TO "RCPT TO:<deadly@example.org>\r\n" TO "DATA\r\n.\r\n" FROM
		      "RCPT TO:<deadly@example.org>\r\n"
		      "DATA\r\n.\r\n" FROM TO "DATA\r\n.\r\n" QUIT,
	"250 250 250 451 451 354 451 250 451 354 451 250 250 354 250 221 ",
	BEGUN HEARD "to=deadly@example.org notify=0 orcpt=\n" BEGUN
		    "to=deadly@example.org notify=0 orcpt=\n" BEGUN HEARD,
	"", false},
    {"other commands",
	"HELO x\r\nNOOP\r\nVRFY joe\r\nHELP\r\nSTARTTLS\r\nWHAT\r\n\r\n" QUIT,
	"250 250 252 214 502 500 500 221 ", "", NULL, false},
    {"a message that never ends is none",
	HELLO FROM TO "DATA\r\nSubject: x\r\n\r\n", "250 250 250 354 ",
	BEGUN HEARD, "Subject: x\r\n\r\nbroken off\n", true},
    {"a message that is too large",
	HELLO FROM TO "DATA\r\n"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"
		      ".\r\n" QUIT,
	"250 250 250 354 552 221 ", BEGUN HEARD, NULL, false},
};

static const char main_cf[] = "myhostname = mx.example\n"
			      "message_size_limit = 130\n";

/* Reads replies to the end and keeps the codes of the last lines. */
static void
read_codes(struct stream *stream, bool hang_up, struct buf *codes)
{
	int64_t deadline = loop_deadline(FAKE_MASTER_PATIENCE);
	enum line_ending ending;
	struct span line;
	struct error error;

	while (
	    stream_read_line(stream, 1000, deadline, &line, &ending, &error)) {
		assert_true(line.len >= 4 && ending == LINE_CRLF);
		if (line.at[3] == ' ')
			buf_printf(codes, "%.*s ", 3, line.at);
		if (hang_up && span_starts(line, SPAN("354")))
			break;
	}
	assert_true(hang_up || error.kind == ERROR_CLOSED);
}

static void
check_heard(const struct story *story)
{
	struct span rest = buf_span(&heard);
	size_t end;

	assert_span(span_head(rest, strlen(story->want)), story->want);
	rest = span_skip(rest, strlen(story->want));
	if (story->behind == NULL)
		return;
	assert_true(span_starts(
	    rest, SPAN("Received: by mx.example (Postern, from userid ")));
	end = span_find_span(rest, SPAN(")\r\n\tid 4QUEUEID; "));
	assert_true(end < rest.len);
	rest = span_skip(rest, end + 3);
	rest = span_skip(rest, span_find(rest, '\n') + 1);
	assert_span(rest, story->behind);
}

static void
tell(const struct story *story)
{
	int64_t deadline = loop_deadline(FAKE_MASTER_PATIENCE);
	struct stream stream;
	struct buf codes;
	struct error error;

	print_message("%s\n", story->name);
	buf_init(&codes, 1000);
	buf_clear(&heard);
	stream_init(&stream, fake_master_connect(&master, "public:submit"));
	assert_true(
	    stream_write(&stream, span_text(story->said), deadline, &error));
	read_codes(&stream, story->hang_up, &codes);
	stream_close(&stream);
	assert_true(span_starts(buf_span(&codes), SPAN("220 ")));
	assert_string_equal(buf_text(&codes) + 4, story->codes);
	while (story->hang_up &&
	    !span_ends(buf_span(&heard), SPAN("broken off\n"))) {
		assert_true(loop_now() < deadline);
		loop_sleep_until(loop_now() + 5);
	}
	check_heard(story);
	buf_finish(&codes);
}

static void
tell_stories(void *argument UNUSED)
{
	fake_master_start(&master, "pickup");
	for (size_t i = 0; i < COUNT_OF(stories); i++)
		tell(&stories[i]);
	fake_master_stop(&master);
	loop_stop();
}

static void
test_stories(void **state UNUSED)
{
	buf_init(&heard, HEARD_MAXIMUM);
	fake_master_open(&master, "pickup", main_cf);
	fake_master_listen(&master, "public:submit");
	loop_spawn(tell_stories, NULL);
	loop_run();
	buf_finish(&heard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
