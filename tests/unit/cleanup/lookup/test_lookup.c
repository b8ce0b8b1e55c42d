/* SPDX-License-Identifier: MIT */
/* The daemon lookup itself, with a test that is its master and its client. */
#include "lib/route/route.h"

#include "../fake_master.h"

static struct {
	struct fake_master master;
	struct peer *peer;
	char directory[32]; /* of the configuration */
} suite;

static const char main_cf[] =
    "myhostname = mx.example\n"
    "mydestination = mx.example\n"
    "relay_domains = relay.example\n"
    "virtual_alias_domains = alias.example\n"
    "virtual_alias_maps = inline:{{ann@alias.example=ann@other.example}}\n"
    "virtual_mailbox_domains = box.example\n"
    "virtual_mailbox_maps = inline:{{ann@box.example=box/ann/}"
    " {bob@box.example=bob}}\n"
    "virtual_uid_maps = static:5000\n"
    "relayhost = [192.0.2.9]:2525\n"
    "inet_interfaces = 127.0.0.1\n"
    "recipient_delimiter = +\n"
    "mail_owner =\n"
    "table_check_interval = 1\n";

static int64_t
patience(void)
{
	return loop_deadline(FAKE_MASTER_PATIENCE);
}

static void
write_file(const char *name, const char *content)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", suite.directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static struct conversation *
converse(void)
{
	struct error error;
	struct conversation *conversation =
	    conversation_open(suite.peer, &error);

	assert_non_null(conversation);
	return conversation;
}

static void
expect(struct conversation *conversation, enum message_type type,
    struct frame *frame)
{
	struct error error;

	assert_true(
	    conversation_expect(conversation, type, patience(), frame, &error));
}

static const struct recipient {
	const char *address;
	enum route_class class;
	enum lookup_result_code result;
} recipients[] = {
    {"joe@mx.example", ROUTE_LOCAL, LOOKUP_FOUND},
    {"JOE@MX.example", ROUTE_LOCAL, LOOKUP_FOUND},
    {"joe+box@mx.example", ROUTE_LOCAL, LOOKUP_FOUND},
    {"joe", ROUTE_LOCAL, LOOKUP_FOUND},
    {"staff@mx.example", ROUTE_LOCAL, LOOKUP_FOUND},
    {"nobody@mx.example", ROUTE_LOCAL, LOOKUP_NOT_FOUND},
    {"joe@[127.0.0.1]", ROUTE_LOCAL, LOOKUP_FOUND},
    {"joe@[192.0.2.1]", ROUTE_DEFAULT, LOOKUP_FOUND},
    {"postmaster", ROUTE_LOCAL, LOOKUP_FOUND},
    {"PostMaster", ROUTE_LOCAL, LOOKUP_FOUND},
    {"any@relay.example", ROUTE_RELAY, LOOKUP_FOUND},
    {"any@sub.relay.example", ROUTE_RELAY, LOOKUP_FOUND},
    {"ann@alias.example", ROUTE_VIRTUAL_ALIAS, LOOKUP_FOUND},
    {"bob@alias.example", ROUTE_VIRTUAL_ALIAS, LOOKUP_NOT_FOUND},
    {"ann@box.example", ROUTE_VIRTUAL_MAILBOX, LOOKUP_FOUND},
    {"eve@box.example", ROUTE_VIRTUAL_MAILBOX, LOOKUP_NOT_FOUND},
    {"ann@other.example", ROUTE_DEFAULT, LOOKUP_FOUND},
    /* ways round the refusal to relay */
    {"ann%other.example@mx.example", ROUTE_DEFAULT, LOOKUP_FOUND},
    {"other.example!ann@mx.example", ROUTE_DEFAULT, LOOKUP_FOUND},
    {"ann@other.example@mx.example", ROUTE_DEFAULT, LOOKUP_FOUND},
    {"ann%other.example@[127.0.0.1]", ROUTE_DEFAULT, LOOKUP_FOUND},
    {"ann%other.example@relay.example", ROUTE_DEFAULT, LOOKUP_FOUND},
    {"other.example!ann@relay.example", ROUTE_DEFAULT, LOOKUP_FOUND},
    {"ann%other.example", ROUTE_DEFAULT, LOOKUP_FOUND},
    {"joe%mx.example%mx.example@mx.example", ROUTE_DEFAULT, LOOKUP_FOUND},
};

static void
check_recipient(const struct recipient *recipient)
{
	struct conversation *conversation = converse();
	struct message_recipient_known known;
	struct frame frame;

	print_message("%s\n", recipient->address);
	conversation_send_check_recipient(conversation,
	    &(struct message_check_recipient){
		.recipient = span_text(recipient->address)});
	expect(conversation, MESSAGE_RECIPIENT_KNOWN, &frame);
	assert_true(message_get_recipient_known(frame.payload, &known));
	assert_int_equal(known.class, recipient->class);
	assert_int_equal(known.result, recipient->result);
	conversation_close(conversation);
}

static void
check_recipients(void *argument UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(recipients); i++)
		check_recipient(&recipients[i]);
	loop_stop();
}

static void
test_recipients(void **state UNUSED)
{
	loop_spawn(check_recipients, NULL);
	loop_run();
}

enum {
	MANY = 50
};

static unsigned checked;

static void
check_one(void *argument UNUSED)
{
	check_recipient(&recipients[0]);
	if (++checked == MANY)
		loop_stop();
}

/* More questions for the user database than there are readers. */
static void
test_many_at_once(void **state UNUSED)
{
	for (unsigned i = 0; i < MANY; i++)
		loop_spawn(check_one, NULL);
	loop_run();
	assert_int_equal(checked, MANY);
}

static const struct destination {
	const char *address;
	enum route_class class;
	const char *complete;
	const char *transport;
	const char *next_hop;
} destinations[] = {
    {"joe", ROUTE_LOCAL, "joe@mx.example", "local", "mx.example"},
    {"any@relay.example", ROUTE_RELAY, "any@relay.example", "relay",
	"[192.0.2.9]:2525"},
    {"ann@other.example", ROUTE_DEFAULT, "ann@other.example", "smtp",
	"[192.0.2.9]:2525"},
    {"ann@box.example", ROUTE_VIRTUAL_MAILBOX, "ann@box.example", "virtual",
	"box.example"},
    {"@mx.example", ROUTE_LOCAL, "@mx.example", "error",
	"5.1.3 Bad recipient address syntax"},
};

static void
check_destination(const struct destination *destination,
    const struct message_route_found *got)
{
	assert_int_equal(got->result, LOOKUP_FOUND);
	assert_int_equal(got->class, destination->class);
	assert_span(got->address, destination->complete);
	assert_span(got->transport, destination->transport);
	assert_span(got->next_hop, destination->next_hop);
}

/* So many that the answer takes several frames. */
static void
check_routes(void *argument UNUSED)
{
	struct conversation *conversation = converse();
	struct message_route question = {.sender = SPAN_EMPTY};
	struct message_routes routes;
	struct message_route_found found;
	struct frame frame;
	struct buf list;
	uint32_t asked = 0;
	uint32_t answered = 0;

	buf_init(&list, FRAME_PAYLOAD_MAXIMUM - 100);
	while (message_put_route_recipient(&list,
	    &(struct message_route_recipient){asked,
		span_text(
		    destinations[asked % COUNT_OF(destinations)].address)}))
		asked++;
	question.list = buf_span(&list);
	conversation_send_route(conversation, &question);
	while (answered < asked) {
		expect(conversation, MESSAGE_ROUTES, &frame);
		assert_true(message_get_routes(frame.payload, &routes));
		while (message_take_route_found(&routes.list, &found)) {
			assert_int_equal(found.number, answered);
			check_destination(
			    &destinations[answered % COUNT_OF(destinations)],
			    &found);
			answered++;
		}
		assert_int_equal(
		    (frame.flags & FRAME_LAST) != 0, answered == asked);
	}
	assert_true(asked > 1000);
	buf_finish(&list);
	conversation_close(conversation);
	loop_stop();
}

static void
test_routes(void **state UNUSED)
{
	loop_spawn(check_routes, NULL);
	loop_run();
}

static const struct value {
	const char *tables;
	const char *key;
	enum lookup_result_code result;
	const char *value;
} values[] = {
    {"alias_maps", "staff", LOOKUP_FOUND, "joe, ann@other.example"},
    {"alias_maps", "STAFF", LOOKUP_FOUND, "joe, ann@other.example"},
    {"alias_maps", "staff@mx.example", LOOKUP_NOT_FOUND, ""},
    {"virtual_mailbox_maps", "ann@box.example", LOOKUP_FOUND, "box/ann/"},
    {"virtual_mailbox_maps", "ann+x@box.example", LOOKUP_FOUND, "box/ann/"},
    {"virtual_mailbox_maps", "eve@box.example", LOOKUP_NOT_FOUND, ""},
    {"virtual_uid_maps", "ann@box.example", LOOKUP_FOUND, "5000"},
    {"virtual_gid_maps", "ann@box.example", LOOKUP_NOT_FOUND, ""},
    {"smtp_sasl_password_maps", "x", LOOKUP_TRY_AGAIN, ""},
};

/* *value gets the value, which may come in pieces. */
static enum lookup_result_code
ask_value(const char *tables, const char *key, struct buf *value)
{
	struct conversation *conversation = converse();
	struct message_value answer;
	struct frame frame;

	conversation_send_lookup(conversation,
	    &(struct message_lookup){span_text(tables), span_text(key)});
	buf_clear(value);
	do {
		expect(conversation, MESSAGE_VALUE, &frame);
		assert_true(message_get_value(frame.payload, &answer));
		assert_true(buf_append_span(value, answer.value));
	} while ((frame.flags & FRAME_LAST) == 0);
	conversation_close(conversation);
	return answer.result;
}

static void
check_values(void *argument UNUSED)
{
	struct buf value;

	buf_init(&value, 1 << 20);
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		print_message("%s %s\n", values[i].tables, values[i].key);
		assert_int_equal(
		    ask_value(values[i].tables, values[i].key, &value),
		    values[i].result);
		assert_span(buf_span(&value), values[i].value);
	}
	assert_int_equal(ask_value("alias_maps", "long", &value), LOOKUP_FOUND);
	assert_int_equal(value.len, 150000);
	buf_finish(&value);
	loop_stop();
}

static void
test_values(void **state UNUSED)
{
	loop_spawn(check_values, NULL);
	loop_run();
}

static const struct {
	const char *name;
	uint32_t uid;
	enum lookup_result_code result;
} users[] = {
    {"joe", 0, LOOKUP_FOUND},
    {"", 1234, LOOKUP_FOUND},
    {"ann", 0, LOOKUP_NOT_FOUND},
    {"", 99, LOOKUP_NOT_FOUND},
};

static void
check_users(void *argument UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(users); i++) {
		struct conversation *conversation = converse();
		struct message_lookup_user question = {
		    span_text(users[i].name), users[i].uid};
		struct message_user user;
		struct frame frame;

		conversation_send_lookup_user(conversation, &question);
		expect(conversation, MESSAGE_USER, &frame);
		assert_true(message_get_user(frame.payload, &user));
		assert_int_equal(user.result, users[i].result);
		if (user.result == LOOKUP_FOUND) {
			assert_span(user.name, "joe");
			assert_int_equal(user.uid, 1234);
			assert_int_equal(user.gid, 4321);
			assert_span(user.full_name, "Joe");
			assert_span(user.home, "/home/joe");
			assert_span(user.shell, "/bin/sh");
		}
		conversation_close(conversation);
	}
	loop_stop();
}

static void
test_users(void **state UNUSED)
{
	loop_spawn(check_users, NULL);
	loop_run();
}

/* A rewritten alias file is noticed by all readers. */
static void
change_aliases(void *argument UNUSED)
{
	static const struct recipient fresh = {
	    "fresh@mx.example", ROUTE_LOCAL, LOOKUP_FOUND};
	int64_t deadline = patience();
	struct buf value;

	buf_init(&value, 1000);
	write_file("aliases", "fresh: joe\n");
	while (ask_value("alias_maps", "fresh", &value) != LOOKUP_FOUND) {
		assert_true(loop_now() < deadline);
		loop_sleep_until(loop_now() + 50);
	}
	buf_finish(&value);
	for (size_t i = 0; i < 8; i++)
		check_recipient(&fresh);
	loop_stop();
}

static void
test_change(void **state UNUSED)
{
	loop_spawn(change_aliases, NULL);
	loop_run();
}

static void
write_aliases(void)
{
	static char text[200000];
	size_t len = 0;

	len += (size_t)snprintf(
	    text, sizeof text, "staff: joe, ann@other.example\nlong: ");
	memset(text + len, 'x', 150000);
	write_file("aliases", text);
}

static int
open_suite(void **state UNUSED)
{
	char text[2048];

	snprintf(suite.directory, sizeof suite.directory, "/tmp/lookup-XXXXXX");
	assert_non_null(mkdtemp(suite.directory));
	write_file("passwd", "joe:x:1234:4321:Joe:/home/joe:/bin/sh\n");
	write_aliases();
	snprintf(text, sizeof text,
	    "%sconfig_directory = %s\nalias_maps = aliases:%s/aliases\n",
	    main_cf, suite.directory, suite.directory);
	fake_master_open(&suite.master, "lookup", text);
	fake_master_listen(&suite.master, "listen");
	return 0;
}

static void
start(void *argument UNUSED)
{
	static const struct peer_identity identity = {1, 1, "smtpd"};
	static const struct peer_settings settings;

	fake_master_start(&suite.master, "lookup");
	suite.peer = peer_connect(fake_master_connect(&suite.master, "listen"),
	    "lookup", &identity, &settings);
	loop_stop();
}

static void
test_start(void **state UNUSED)
{
	loop_spawn(start, NULL);
	loop_run();
}

static void
stop(void *argument UNUSED)
{
	char command[64];

	peer_close(suite.peer);
	fake_master_stop(&suite.master);
	snprintf(command, sizeof command, "rm -r %s", suite.directory);
	assert_int_equal(system(command), 0);
	loop_stop();
}

static void
test_stop(void **state UNUSED)
{
	loop_spawn(stop, NULL);
	loop_run();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_recipients),
	    cmocka_unit_test(test_many_at_once),
	    cmocka_unit_test(test_routes),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_users),
	    cmocka_unit_test(test_change),
	    cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, open_suite, NULL);
}
