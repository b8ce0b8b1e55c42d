/* SPDX-License-Identifier: MIT */
/* The daemon local, with a test that is its master, qmgr, lookup and launcher:
 * what an agent does when qmgr comes and goes. */
#include "lib/ipc/messages.h"

#include "../cleanup/fake_master.h"

enum {
	NUMBER = 7 /* of the recipient */
};

static const char main_cf[] = "myhostname = mx.example\n"
			      "alias_maps = fail:nobody asks\n"
			      "mail_spool_directory = /var/mail\n"
			      "mail_owner =\n";

static const char header[] = "Subject: x\r\n";
static const char body[] = "\r\nbody\r\n";

/* What the daemon said, and what it shall be told. */
static struct {
	struct fake_master master;
	struct peer *qmgr; /* the connection of the moment */
	unsigned agents;   /* AGENT notices */
	unsigned in_flight;
	unsigned kept;
	char status[200]; /* of the last KEPT: "number outcome dsn text" */
	bool launcher_waits;
	bool loop_content; /* the message was here before */
	unsigned launches;
	char launched[2000]; /* the content of the last one */
	uint32_t launch_kind;
	char launch_path[100];
	struct loop_signal changed;
	struct loop_signal released; /* the launcher may answer */
} suite;

static int64_t
patience(void)
{
	return loop_deadline(FAKE_MASTER_PATIENCE);
}

static void
wait_until(const unsigned *counter, unsigned value)
{
	while (*counter < value)
		assert_true(loop_signal_wait(&suite.changed, patience()));
}

/* ---- lookup and launcher ---- */

static void
serve_lookup(struct conversation *conversation, struct frame *first)
{
	struct message_value answer = {.result = LOOKUP_NOT_FOUND};
	struct message_lookup question;
	struct buf payload;

	assert_true(message_get_lookup(first->payload, &question));
	assert_span(question.tables, "alias_maps");
	buf_init(&payload, 1000);
	assert_true(message_put_value(&payload, &answer));
	conversation_send(
	    conversation, MESSAGE_VALUE, FRAME_LAST, buf_span(&payload));
	buf_finish(&payload);
}

static void
take_launch(struct frame *first)
{
	struct message_launch launch;

	assert_true(message_get_launch(first->payload, &launch));
	assert_span(launch.user, "joe");
	suite.launch_kind = launch.kind;
	snprintf(suite.launch_path, sizeof suite.launch_path, "%.*s",
	    SPAN_ARGS(launch.path));
	suite.launched[0] = '\0';
}

static void
serve_launch(struct conversation *conversation, struct frame *first)
{
	struct message_reply reply = {
	    250, SPAN("2.0.0"), SPAN("delivered to mailbox")};
	struct frame frame = {.flags = 0};
	size_t len = 0;

	take_launch(first);
	while ((frame.flags & FRAME_LAST) == 0) {
		assert_true(conversation_expect(
		    conversation, MESSAGE_CONTENT, patience(), &frame, NULL));
		len += (size_t)snprintf(suite.launched + len,
		    sizeof suite.launched - len, "%.*s",
		    SPAN_ARGS(frame.payload));
	}
	suite.launches++;
	loop_signal_raise(&suite.changed);
	if (suite.launcher_waits)
		assert_true(loop_signal_wait(&suite.released, patience()));
	conversation_send_reply(conversation, &reply);
}

/* ---- qmgr ---- */

static void
hear_agent(struct peer *peer, struct frame *frame)
{
	struct message_agent agent;

	assert_true(message_get_agent(frame->payload, &agent));
	assert_span(agent.service, "local");
	assert_int_equal(agent.process, 7);
	assert_true(agent.slots > 0);
	suite.qmgr = peer;
	suite.agents++;
	loop_signal_raise(&suite.changed);
}

static void
hear_in_flight(struct peer *peer UNUSED, struct frame *frame)
{
	struct message_in_flight in_flight;
	struct message_in_flight_recipient recipient;

	assert_true(message_get_in_flight(frame->payload, &in_flight));
	assert_span(in_flight.queue_id, "4jXXtest");
	assert_true(
	    message_take_in_flight_recipient(&in_flight.list, &recipient));
	assert_int_equal(recipient.number, NUMBER);
	suite.in_flight++;
	loop_signal_raise(&suite.changed);
}

static void
note_status(struct span list)
{
	struct message_recipient_status status;

	assert_true(message_take_recipient_status(&list, &status));
	assert_int_equal(list.len, 0);
	snprintf(suite.status, sizeof suite.status, "%u %u %.*s %.*s",
	    status.number, status.outcome, SPAN_ARGS(status.dsn),
	    SPAN_ARGS(status.text));
}

static void
serve_kept(struct conversation *conversation, struct frame *first)
{
	struct message_kept kept;

	assert_true(message_get_kept(first->payload, &kept));
	assert_span(kept.queue_id, "4jXXtest");
	note_status(kept.list);
	conversation_send(conversation, MESSAGE_ACKNOWLEDGE, 0, SPAN_EMPTY);
	suite.kept++;
	loop_signal_raise(&suite.changed);
}

static void
put_recipients(struct buf *payload)
{
	struct message_deliver_recipients recipients;
	struct message_deliver_recipient joe = {
	    .number = NUMBER,
	    .address = SPAN("joe@mx.example"),
	    .original_recipient = SPAN("joe"),
	};
	struct buf list;

	buf_init(&list, 1000);
	assert_true(message_put_deliver_recipient(&list, &joe));
	recipients.list = buf_span(&list);
	assert_true(message_put_deliver_recipients(payload, &recipients));
	buf_finish(&list);
}

/* Sends a request; the content is in a file, or in frames. */
static struct conversation *
request(bool in_file)
{
	static const char loop[] = "Delivered-To: joe@mx.example\r\n";
	const char *start = suite.loop_content ? loop : header;
	struct conversation *conversation = conversation_open(suite.qmgr, NULL);
	struct message_deliver deliver = {
	    .queue_id = SPAN("4jXXtest"),
	    .service = SPAN("local"),
	    .sender = SPAN("ann@example.org"),
	    .header_size = strlen(start),
	    .body_offset = strlen(start),
	    .body_size = sizeof body - 1,
	};
	char content[200];
	struct buf payload;
	struct error error;
	int fd;

	snprintf(content, sizeof content, "%s%s", start, body);
	buf_init(&payload, 1000);
	assert_true(message_put_deliver(&payload, &deliver));
	fd = in_file ? memfd_create("content", MFD_CLOEXEC) : -1;
	if (in_file)
		assert_true(io_write(fd, span_text(content), &error));
	conversation_send_fd(
	    conversation, MESSAGE_DELIVER, buf_span(&payload), fd);
	if (!in_file)
		assert_true(conversation_send_content(conversation,
		    span_text(content), true, patience(), &error));
	buf_clear(&payload);
	put_recipients(&payload);
	conversation_send(conversation, MESSAGE_DELIVER_RECIPIENTS, FRAME_LAST,
	    buf_span(&payload));
	buf_finish(&payload);
	return conversation;
}

static void
expect_status(struct conversation *conversation)
{
	struct message_status status;
	struct frame frame;

	assert_true(conversation_expect(
	    conversation, MESSAGE_STATUS, patience(), &frame, NULL));
	assert_true(message_get_status(frame.payload, &status));
	note_status(status.list);
}

#define SENT "7 0 2.0.0 delivered to mailbox"

/* ---- stories ---- */

static void
test_delivery(void *argument)
{
	bool *in_file = argument;
	struct conversation *conversation = request(*in_file);

	expect_status(conversation);
	assert_string_equal(suite.status, SENT);
	assert_string_equal(suite.launched,
	    "Return-Path: <ann@example.org>\r\n"
	    "X-Original-To: joe\r\n"
	    "Delivered-To: joe@mx.example\r\n"
	    "Subject: x\r\n"
	    "\r\n"
	    "body\r\n");
	assert_string_equal(suite.launch_path, "/var/mail/joe");
	assert_int_equal(suite.launch_kind, LAUNCH_MAILBOX);
	conversation_send(conversation, MESSAGE_ACKNOWLEDGE, 0, SPAN_EMPTY);
	conversation_close(conversation);
	loop_stop();
}

static void
test_loop(void *argument UNUSED)
{
	unsigned launches = suite.launches;
	struct conversation *conversation;

	suite.loop_content = true;
	conversation = request(true);
	suite.loop_content = false;
	expect_status(conversation);
	assert_string_equal(
	    suite.status, "7 2 5.4.6 mail forwarding loop for joe@mx.example");
	assert_int_equal(suite.launches, launches);
	conversation_send(conversation, MESSAGE_ACKNOWLEDGE, 0, SPAN_EMPTY);
	conversation_close(conversation);
	loop_stop();
}

static void
lose_qmgr(struct conversation *conversation)
{
	struct peer *peer = suite.qmgr;

	peer_close(peer);
	conversation_close(conversation);
}

/* qmgr dies before it has acknowledged the result. */
static void
test_kept(void *argument UNUSED)
{
	unsigned agents = suite.agents;
	unsigned kept = suite.kept;
	struct conversation *conversation = request(true);

	expect_status(conversation);
	lose_qmgr(conversation);
	suite.status[0] = '\0';
	wait_until(&suite.agents, agents + 1);
	wait_until(&suite.kept, kept + 1);
	assert_string_equal(suite.status, SENT);
	assert_int_equal(suite.in_flight, 0);
	loop_stop();
}

/* qmgr dies in the middle of a delivery, and so does the next one. */
static void
test_in_flight(void *argument UNUSED)
{
	unsigned agents = suite.agents;
	unsigned kept = suite.kept;
	unsigned launches = suite.launches;
	struct conversation *conversation;

	suite.launcher_waits = true;
	conversation = request(true);
	wait_until(&suite.launches, launches + 1);
	lose_qmgr(conversation);
	wait_until(&suite.agents, agents + 1);
	wait_until(&suite.in_flight, 1);
	lose_qmgr(NULL);
	wait_until(&suite.agents, agents + 2);
	wait_until(&suite.in_flight, 2);
	assert_int_equal(suite.kept, kept);
	suite.launcher_waits = false;
	loop_signal_raise(&suite.released);
	wait_until(&suite.kept, kept + 1);
	assert_string_equal(suite.status, SENT);
	assert_int_equal(suite.launches, launches + 1);
	loop_stop();
}

static void
start(void *argument UNUSED)
{
	fake_master_start(&suite.master, "local");
	wait_until(&suite.agents, 1);
	loop_stop();
}

static void
stop(void *argument UNUSED)
{
	fake_master_stop(&suite.master);
	loop_stop();
}

static void
run(void (*story)(void *argument), void *argument)
{
	loop_spawn(story, argument);
	loop_run();
}

static int
open_suite(void **state UNUSED)
{
	static const struct peer_handler lookup[] = {
	    {.type = MESSAGE_LOOKUP, .serve = serve_lookup},
	};
	static const struct peer_handler launcher[] = {
	    {.type = MESSAGE_LAUNCH, .serve = serve_launch},
	};
	static const struct peer_handler qmgr[] = {
	    {.type = MESSAGE_AGENT, .notice = hear_agent},
	    {.type = MESSAGE_IN_FLIGHT, .notice = hear_in_flight},
	    {.type = MESSAGE_KEPT, .serve = serve_kept},
	};
	static const struct fake_service services[] = {
	    {"lookup", lookup, COUNT_OF(lookup)},
	    {"launcher", launcher, COUNT_OF(launcher)},
	    {"qmgr", qmgr, COUNT_OF(qmgr)},
	};

	fake_master_open(&suite.master, "local", main_cf);
	suite.master.services = services;
	suite.master.service_count = COUNT_OF(services);
	run(start, NULL);
	return 0;
}

static int
close_suite(void **state UNUSED)
{
	run(stop, NULL);
	return 0;
}

static void
delivers_from_file(void **state UNUSED)
{
	run(test_delivery, &(bool){true});
}

static void
delivers_from_frames(void **state UNUSED)
{
	run(test_delivery, &(bool){false});
}

static void
bounces_loops(void **state UNUSED)
{
	run(test_loop, NULL);
}

static void
keeps_results(void **state UNUSED)
{
	run(test_kept, NULL);
}

static void
tells_in_flight(void **state UNUSED)
{
	run(test_in_flight, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(delivers_from_file),
	    cmocka_unit_test(delivers_from_frames),
	    cmocka_unit_test(bounces_loops),
	    cmocka_unit_test(keeps_results),
	    cmocka_unit_test(tells_in_flight),
	};

	return cmocka_run_group_tests(tests, open_suite, close_suite);
}
