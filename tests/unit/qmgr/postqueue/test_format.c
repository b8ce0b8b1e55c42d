/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "qmgr/postqueue/format.h"

static const struct decoded_message deferred = {
    .queue_name = {"deferred", 8},
    .queue_id = {"4jXRJQ3HHZz1d0Hr", 16},
    .time = {"1795345209", 10},
    .size = {"3170", 4},
    .forced_expire = {"0", 1},
    .sender = {"ann@example.net", 15},
};

static const struct decoded_recipient refused = {
    .address = {"bob@example.com", 15},
    .log_class = {"defer", 5},
    .reason = {"connect to mx.example.com[192.0.2.7]:25: Connection refused",
	59},
};

static void
show(struct format *format, const struct decoder_events *events,
    const struct decoded_message *message,
    const struct decoded_recipient *recipients, size_t count)
{
	events->message(format, message);
	for (size_t i = 0; i < count; i++)
		events->recipient(format, &recipients[i]);
	events->message_end(format);
}

static void
test_empty(void **state UNUSED)
{
	struct format format;

	format_init(&format);
	format_table_end(&format);
	assert_span(buf_span(&format.out), "Mail queue is empty\n");
	format_finish(&format);
}

/* Two recipients with one reason, one with another, one with none. */
static void
test_table(void **state UNUSED)
{
	struct decoded_recipient recipients[] = {
	    refused, refused, refused, {.address = {"dan@example.com", 15}}};
	struct decoded_message held = deferred;
	struct format format;

	recipients[1].address = SPAN("cat@example.com");
	recipients[2].reason = SPAN("host said: no");
	held.queue_name = SPAN("hold");
	held.sender = SPAN("MAILER-DAEMON");
	held.size = SPAN("100");
	format_init(&format);
	show(&format, &format_table, &deferred, recipients, 4);
	show(&format, &format_table, &held, recipients + 3, 1);
	format_table_end(&format);
	/* clang-format off */
	assert_span(buf_span(&format.out),
"----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------\n"
"4jXRJQ3HHZz1d0Hr      3170 Sun Nov 22 11:00:09 ann@example.net\n"
"                 (connect to mx.example.com[192.0.2.7]:25: Connection refused)\n"
"                                               bob@example.com\n"
"                                               cat@example.com\n"
"                                                               (host said: no)\n"
"                                               bob@example.com\n"
"                                                          (reason unavailable)\n"
"                                               dan@example.com\n"
"\n"
"4jXRJQ3HHZz1d0Hr!      100 Sun Nov 22 11:00:09 MAILER-DAEMON\n"
"                                               dan@example.com\n"
"\n"
"-- 3 Kbytes in 2 Requests.\n");
	/* clang-format on */
	format_finish(&format);
}

static void
test_marks(void **state UNUSED)
{
	static const struct {
		const char *queue;
		const char *forced;
		char want;
	} marks[] = {
	    {"active", "0", '*'},
	    {"active", "1", '*'},
	    {"hold", "1", '!'},
	    {"deferred", "1", '#'},
	    {"incoming", "0", ' '},
	};

	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		struct decoded_message message = deferred;
		struct format format;
		char *line;

		message.queue_name = span_text(marks[i].queue);
		message.forced_expire = span_text(marks[i].forced);
		format_init(&format);
		show(&format, &format_table, &message, NULL, 0);
		line = strchr(buf_text(&format.out), '\n') + 1;
		assert_int_equal(line[deferred.queue_id.len], marks[i].want);
		format_finish(&format);
	}
}

static void
test_json(void **state UNUSED)
{
	struct decoded_recipient recipients[] = {refused, refused};
	struct decoded_message message = deferred;
	struct format format;

	message.forced_expire = SPAN("1");
	recipients[1].original = SPAN("\"a\tb\"@\xff");
	recipients[1].address = SPAN("j\xc3\xb6rg@x");
	recipients[1].log_class = SPAN_EMPTY;
	recipients[1].reason = SPAN_EMPTY;
	format_init(&format);
	show(&format, &format_json, &message, recipients, 2);
	show(&format, &format_json, &deferred, NULL, 0);
	/* clang-format off */
	assert_span(buf_span(&format.out),
"{\"queue_name\": \"deferred\", \"queue_id\": \"4jXRJQ3HHZz1d0Hr\", "
"\"arrival_time\": 1795345209, \"message_size\": 3170, "
"\"forced_expire\": true, \"sender\": \"ann@example.net\", "
"\"recipients\": [{\"orig_address\": \"\", "
"\"address\": \"bob@example.com\", \"delay_reason\": "
"\"connect to mx.example.com[192.0.2.7]:25: Connection refused\"}, "
"{\"orig_address\": \"\\\"a\\tb\\\"@?\", "
"\"address\": \"j\xc3\xb6rg@x\"}]}\n"
"{\"queue_name\": \"deferred\", \"queue_id\": \"4jXRJQ3HHZz1d0Hr\", "
"\"arrival_time\": 1795345209, \"message_size\": 3170, "
"\"forced_expire\": false, \"sender\": \"ann@example.net\", "
"\"recipients\": []}\n");
	/* clang-format on */
	format_finish(&format);
}

/* A terminal is not driven by what a peer wrote. */
static void
test_control_characters(void **state UNUSED)
{
	struct decoded_recipient recipient = refused;
	struct format format;

	recipient.address = SPAN("\x1b[2Jx@y");
	format_init(&format);
	show(&format, &format_table, &deferred, &recipient, 1);
	assert_null(strchr(buf_text(&format.out), '\x1b'));
	format_finish(&format);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_control_characters),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
