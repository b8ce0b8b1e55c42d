/* SPDX-License-Identifier: MIT */
/* The daemon cleanup itself, with a test that is its master, its client and
 * qmgr. */
#include "lib/queue/spool_make.h"
#include "lib/queue/store.h"

#include "fake_master.h"

enum {
	CONTENT_MAXIMUM = 1 << 20,
	RECIPIENTS_MAXIMUM = 4
};

struct story {
	const char *name;
	const char *sender;
	const char *recipients[RECIPIENTS_MAXIMUM];
	uint32_t flags;
	const char *full_name;
	const char *content;
	size_t padding; /* lines of 100 bytes behind the content */
	bool two_steps; /* END without commit, then COMMIT */
	uint32_t code;  /* of the last reply */
	const char *status;
	uint32_t stored;           /* recipients */
	const char *stored_sender; /* NULL: as sent */
	const char *first;         /* of them, as stored */
	const char *header;        /* as stored; NULL: as sent */
	const char *body;
};

#define RECEIVED "Received: by mx.example\r\n"
#define FOUR     RECEIVED RECEIVED RECEIVED RECEIVED

static const struct story stories[] = {
    {.name = "one small message",
	.sender = "joe@example.org",
	.recipients = {"ann@example.net"},
	.content = "Message-ID: <1@x>\r\nSubject: x\r\n\r\n.body\r\n",
	.code = 250,
	.status = "2.0.0",
	.stored = 1,
	.header = "Message-ID: <1@x>\r\nSubject: x\r\n",
	.body = "\r\n.body\r\n"},
    {.name = "two steps, no sender, no body",
	.sender = "",
	.recipients = {"ann@example.net"},
	.content = "Subject: x\r\n",
	.two_steps = true,
	.code = 250,
	.status = "2.0.0",
	.stored = 1,
	.header = "Subject: x\r\n",
	.body = ""},
    {.name = "content that is not in stored form",
	.sender = "joe@example.org",
	.recipients = {"ann@example.net"},
	.content = "Subject: x\nBcc: you\n\na\rb\nno end",
	.code = 250,
	.status = "2.0.0",
	.stored = 1,
	.header = "Subject: x\r\n",
	.body = "\r\na b\r\nno end\r\n"},
    {.name = "duplicates go, others stay",
	.sender = "joe@example.org",
	.recipients = {"ann@example.net", "ANN@example.NET", "bob@example.net",
	    "ann@example.net"},
	.content = "Subject: x\r\n",
	.code = 250,
	.status = "2.0.0",
	.stored = 2,
	.header = "Subject: x\r\n",
	.body = ""},
    {.name = "a bare recipient",
	.sender = "joe@example.org",
	.recipients = {"postmaster"},
	.content = "\r\n",
	.code = 250,
	.status = "2.0.0",
	.stored = 1,
	.first = "postmaster@mx.example",
	.header = "",
	.body = "\r\n"},
    {.name = "the null address",
	.sender = "joe@example.org",
	.recipients = {""},
	.content = "\r\n",
	.code = 250,
	.status = "2.0.0",
	.stored = 1,
	.first = "MAILER-DAEMON@mx.example",
	.header = "",
	.body = "\r\n"},
    {.name = "a virtual alias",
	.sender = "joe@example.org",
	.recipients = {"list@mx.example", "bob@example.net"},
	.content = "\r\n",
	.code = 250,
	.status = "2.0.0",
	.stored = 3,
	.first = "ann@example.net",
	.header = "",
	.body = "\r\n"},
    {.name = "local mail",
	.sender = "joe",
	.recipients = {"ann@example.net"},
	.flags = MESSAGE_FLAG_LOCAL,
	.content = "From: joe\r\nMessage-ID: <1@x>\r\nDate: now\r\n",
	.code = 250,
	.status = "2.0.0",
	.stored = 1,
	.stored_sender = "joe@mx.example",
	.header = "From: joe@mx.example\r\nMessage-ID: <1@x>\r\n"
		  "Date: now\r\n",
	.body = ""},
    {.name = "a large message",
	.sender = "joe@example.org",
	.recipients = {"ann@example.net"},
	.content = "Subject: x\r\n\r\n",
	.padding = 5000,
	.code = 250,
	.status = "2.0.0",
	.stored = 1,
	.header = "Subject: x\r\n"},
    {.name = "a message that is too large",
	.sender = "joe@example.org",
	.recipients = {"ann@example.net"},
	.content = "Subject: x\r\n\r\n",
	.padding = 7000,
	.code = 552,
	.status = "5.3.4"},
    {.name = "a loop",
	.sender = "joe@example.org",
	.recipients = {"ann@example.net"},
	.content = FOUR RECEIVED,
	.code = 554,
	.status = "5.4.0"},
    {.name = "nearly a loop",
	.sender = "joe@example.org",
	.recipients = {"ann@example.net"},
	.content = FOUR,
	.code = 250,
	.status = "2.0.0",
	.stored = 1,
	.header = FOUR,
	.body = ""},
    {.name = "nobody",
	.sender = "joe@example.org",
	.content = "Subject: x\r\n",
	.code = 554,
	.status = "5.5.1"},
};

static const char main_cf[] =
    "myhostname = mx.example\n"
    "mail_owner =\n"
    "hopcount_limit = 4\n"
    "virtual_alias_maps = inline:{ "
    "{list@mx.example = ann@example.net, bob@example.net} }\n"
    "message_size_limit = 600000\n";

/* What qmgr was told last; its texts are copied. */
static struct {
	char queue_id[64];
	char sender[256];
	uint64_t size;
	uint32_t recipients;
	uint32_t listed;
	unsigned count;
	struct loop_signal came;
} arrival;

static void
take_arrival(struct peer *peer UNUSED, struct frame *frame)
{
	struct message_arrival message;
	struct message_arrival_recipient recipient;
	struct span list;

	assert_true(message_get_arrival(frame->payload, &message));
	snprintf(arrival.queue_id, sizeof arrival.queue_id, "%.*s",
	    SPAN_ARGS(message.queue_id));
	snprintf(arrival.sender, sizeof arrival.sender, "%.*s",
	    SPAN_ARGS(message.sender));
	arrival.size = message.size;
	arrival.recipients = message.recipients;
	arrival.listed = 0;
	list = message.list;
	while (message_take_arrival_recipient(&list, &recipient))
		arrival.listed++;
	arrival.count++;
	loop_signal_raise(&arrival.came);
}

/* Only says who is there. */
static void
take_cleanup(struct peer *peer UNUSED, struct frame *frame UNUSED)
{
}

static const struct peer_handler qmgr_handlers[] = {
    {.type = MESSAGE_CLEANUP, .notice = take_cleanup},
    {.type = MESSAGE_ARRIVAL, .notice = take_arrival},
};

static const struct fake_service services[] = {
    {"qmgr", qmgr_handlers, COUNT_OF(qmgr_handlers)},
};

static struct {
	struct fake_master master;
	struct store *store;
	struct peer *peer;
	char queue[FAKE_MASTER_PATH_SIZE];
} suite;

static const char *
sender_of(const struct story *story)
{
	return story->stored_sender != NULL ? story->stored_sender
					    : story->sender;
}

static int64_t
patience(void)
{
	return loop_deadline(FAKE_MASTER_PATIENCE);
}

/* The content as it is sent. */
static void
make_content(const struct story *story, struct buf *content)
{
	buf_init(content, CONTENT_MAXIMUM);
	buf_append_text(content, story->content);
	for (size_t i = 0; i < story->padding; i++)
		buf_printf(content, "%097zu.\r\n", i);
	assert_false(content->overflowed);
}

static void
send_story(struct conversation *conversation, const struct story *story)
{
	struct message_end end = {.commit = !story->two_steps};
	struct buf content;
	struct error error;

	make_content(story, &content);
	conversation_send_begin(conversation,
	    &(struct message_begin){.sender = span_text(story->sender),
		.flags = story->flags,
		.full_name = span_text(story->full_name),
		.client_name = SPAN("client.example"),
		.client_address = SPAN("192.0.2.1"),
		.helo = SPAN("client"),
		.protocol = SPAN("ESMTP")});
	for (size_t i = 0; i < RECIPIENTS_MAXIMUM; i++)
		if (story->recipients[i] != NULL)
			conversation_send_recipient(conversation,
			    &(struct message_recipient){
				.address = span_text(story->recipients[i])});
	assert_true(conversation_send_content(
	    conversation, buf_span(&content), true, patience(), &error));
	conversation_send_end(conversation, &end);
	buf_finish(&content);
}

static void
expect_reply(struct conversation *conversation, uint32_t code,
    const char *status, const char *text)
{
	struct message_reply reply;
	struct frame frame;
	struct error error;

	assert_true(conversation_expect(
	    conversation, MESSAGE_REPLY, patience(), &frame, &error));
	assert_true(message_get_reply(frame.payload, &reply));
	assert_int_equal(reply.code, code);
	assert_span(reply.status, status);
	if (text != NULL)
		assert_span(reply.text, text);
}

static void
expect_id(struct conversation *conversation, struct queue_id *id)
{
	struct message_begun begun;
	struct frame frame;
	struct error error;

	assert_true(conversation_expect(
	    conversation, MESSAGE_BEGUN, patience(), &frame, &error));
	assert_true(message_get_begun(frame.payload, &begun));
	assert_true(id_parse(begun.queue_id, id));
}

static void
check_recipients(
    struct pool *pool, const struct stored *stored, const struct story *story)
{
	struct stored_cursor cursor = {0};
	struct stored_slice slice;
	struct error error;

	assert_true(
	    stored_read_recipients(pool, stored, &cursor, &slice, &error));
	assert_int_equal(slice.count, story->stored);
	assert_span(slice.recipients[0].address,
	    story->first != NULL ? story->first : story->recipients[0]);
}

static void
check_part(
    const struct stored *stored, const struct part *part, const char *want)
{
	struct extent all = {0, part->extent.length};
	char bytes[1000];
	struct error error;

	assert_int_equal(part->extent.length, strlen(want));
	assert_true(stored_read_part(stored, part, all, bytes, &error));
	assert_span(span_of(bytes, strlen(want)), want);
}

static void
check_stored(const struct queue_id *id, const struct story *story)
{
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	enum stored_result result;
	struct locator locator;
	struct stored *stored;
	struct error error;

	assert_true(store_find(suite.store, id, &locator, &error));
	stored = stored_open(pool, suite.store, &locator, &result, &error);
	assert_int_equal(result, STORED_COMPLETE);
	assert_true(stored_verify_content(stored, &error));
	assert_span(stored->attribute[ATTRIBUTE_SENDER], sender_of(story));
	assert_span(stored->attribute[ATTRIBUTE_HELO], "client");
	check_recipients(pool, stored, story);
	check_part(stored, &stored->header, story->header);
	if (story->body != NULL)
		check_part(stored, &stored->body, story->body);
	else
		assert_int_equal(
		    stored->body.extent.length, 2 + 100 * story->padding);
	assert_int_equal(arrival.size, stored_size(stored));
	pool_destroy(pool);
}

/* Removal follows the reply. */
static void
check_absent(const struct queue_id *id)
{
	int64_t deadline = patience();
	struct locator locator;
	struct error error;

	while (store_find(suite.store, id, &locator, &error)) {
		assert_true(loop_now() < deadline);
		loop_sleep_until(loop_now() + 5);
	}
	assert_int_equal(error.kind, ERROR_NOT_FOUND);
}

static void
tell(const struct story *story)
{
	struct error error;
	struct conversation *conversation =
	    conversation_open(suite.peer, &error);
	unsigned told = arrival.count;
	struct queue_id id;
	char text[100];

	assert_non_null(conversation);
	print_message("%s\n", story->name);
	send_story(conversation, story);
	expect_id(conversation, &id);
	for (size_t i = 0; i < RECIPIENTS_MAXIMUM; i++)
		if (story->recipients[i] != NULL)
			expect_reply(conversation, 250, "2.1.5", NULL);
	if (story->two_steps) {
		expect_reply(conversation, 250, "2.0.0", NULL);
		conversation_send(conversation, MESSAGE_COMMIT, 0, SPAN_EMPTY);
	}
	snprintf(text, sizeof text, "Ok: queued as %s", id.text);
	expect_reply(conversation, story->code, story->status,
	    story->code == 250 ? text : NULL);
	conversation_close(conversation);
	if (story->code != 250) {
		check_absent(&id);
		return;
	}
	while (arrival.count == told)
		assert_true(loop_signal_wait(&arrival.came, patience()));
	assert_string_equal(arrival.queue_id, id.text);
	assert_string_equal(arrival.sender, sender_of(story));
	assert_int_equal(arrival.recipients, story->stored);
	assert_int_equal(arrival.listed, story->stored);
	check_stored(&id, story);
}

static void
open_suite(const char *settings)
{
	struct fake_master *master = &suite.master;
	struct error error;

	*master = (struct fake_master){
	    .services = services, .service_count = COUNT_OF(services)};
	fake_master_open(master, "cleanup", settings);
	fake_master_path(master, "queue", suite.queue);
	assert_true(spool_make(suite.queue, NULL, &error));
	fake_master_give(master, "incoming",
	    spool_make_descriptor(suite.queue, "incoming", &error));
	fake_master_give(
	    master, "hold", spool_make_descriptor(suite.queue, "hold", &error));
	fake_master_listen(master, "listen");
}

static void
start(void)
{
	static const struct peer_identity identity = {1, 1, "smtpd"};
	static const struct peer_settings settings;
	struct fake_master *master = &suite.master;
	struct error error;

	fake_master_start(master, "cleanup");
	suite.store = store_open(suite.queue, &error);
	assert_non_null(suite.store);
	suite.peer = peer_connect(fake_master_connect(master, "listen"),
	    "cleanup", &identity, &settings);
}

static void
stop(void)
{
	peer_close(suite.peer);
	fake_master_stop(&suite.master);
	store_close(suite.store);
	loop_stop();
}

static void
tell_stories(void *argument UNUSED)
{
	start();
	for (size_t i = 0; i < COUNT_OF(stories); i++)
		tell(&stories[i]);
	stop();
}

static void
test_stories(void **state UNUSED)
{
	open_suite(main_cf);
	loop_spawn(tell_stories, NULL);
	loop_run();
}

/* The message was spilled to the disk when its client breaks off. */
static void
break_off(void *argument UNUSED)
{
	static const struct story story = {.sender = "joe@example.org",
	    .recipients = {"ann@example.net"},
	    .content = "\r\n",
	    .padding = 2000,
	    .two_steps = true};
	struct conversation *conversation;
	struct locator locator;
	struct queue_id id;
	struct error error;

	start();
	conversation = conversation_open(suite.peer, &error);
	assert_non_null(conversation);
	send_story(conversation, &story);
	expect_id(conversation, &id);
	expect_reply(conversation, 250, "2.1.5", NULL);
	expect_reply(conversation, 250, "2.0.0", NULL);
	assert_true(store_find(suite.store, &id, &locator, &error));
	conversation_close(conversation);
	check_absent(&id);
	stop();
}

static void
test_break_off(void **state UNUSED)
{
	open_suite(main_cf);
	loop_spawn(break_off, NULL);
	loop_run();
}

static void
find_no_room(void *argument UNUSED)
{
	static const struct story story = {.sender = "joe@example.org",
	    .recipients = {"ann@example.net", "bob@example.net"},
	    .content = "\r\n"};
	struct conversation *conversation;
	struct queue_id id;
	struct error error;

	start();
	conversation = conversation_open(suite.peer, &error);
	assert_non_null(conversation);
	send_story(conversation, &story);
	expect_id(conversation, &id);
	for (int i = 0; i < 3; i++)
		expect_reply(
		    conversation, 452, "4.3.1", "Insufficient system storage");
	conversation_close(conversation);
	check_absent(&id);
	stop();
}

static void
test_no_room(void **state UNUSED)
{
	open_suite("myhostname = mx.example\n"
		   "mail_owner =\n"
		   "queue_minfree = 9000000000000000000\n");
	loop_spawn(find_no_room, NULL);
	loop_run();
}

/* A client that does not keep to the protocol loses its message, not more. */
static void
misbehave(void *argument UNUSED)
{
	static const enum message_type wrong[] = {
	    MESSAGE_COMMIT, MESSAGE_END, MESSAGE_RECIPIENT, MESSAGE_BEGIN};
	struct frame frame;
	struct queue_id id;
	struct error error;

	start();
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct conversation *conversation =
		    conversation_open(suite.peer, &error);

		assert_non_null(conversation);
		conversation_send_begin(
		    conversation, &(struct message_begin){.flags = 0});
		conversation_send(conversation, wrong[i], 0, SPAN("junk"));
		expect_id(conversation, &id);
		assert_false(conversation_receive(
		    conversation, patience(), &frame, &error));
		assert_int_equal(error.kind, ERROR_CLOSED);
		conversation_close(conversation);
	}
	tell(&stories[0]);
	stop();
}

static void
test_misbehave(void **state UNUSED)
{
	open_suite(main_cf);
	loop_spawn(misbehave, NULL);
	loop_run();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stories),
	    cmocka_unit_test(test_break_off),
	    cmocka_unit_test(test_no_room),
	    cmocka_unit_test(test_misbehave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
