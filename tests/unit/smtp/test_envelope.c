/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "smtp/envelope.h"
#include "smtp/session.h"

enum {
	ALL = FEATURE_PIPELINING | FEATURE_SIZE | FEATURE_8BITMIME |
	    FEATURE_DSN | FEATURE_SMTPUTF8,
	COMMAND_MAXIMUM = 1000
};

static void
test_mail(void **state UNUSED)
{
	static const struct {
		struct message_deliver message;
		unsigned features;
		const char *want;
	} cases[] = {
	    {{.sender = {"", 0}}, 0, "MAIL FROM:<>"},
	    {{.sender = {"a@b.example", 11},
		 .flags = MESSAGE_FLAG_SMTPUTF8,
		 .envelope_id = {"id", 2},
		 .ret = RET_FULL,
		 .header_size = 5,
		 .body_flags = CONTENT_8BIT},
		0, "MAIL FROM:<a@b.example>"},
	    {{.sender = {"a b@c.example", 13}}, 0,
		"MAIL FROM:<\"a b\"@c.example>"},
	    {{.sender = {"a@b.example", 11},
		 .flags = MESSAGE_FLAG_SMTPUTF8,
		 .envelope_id = {"id", 2},
		 .ret = RET_HEADERS,
		 .header_size = 5,
		 .body_size = 7,
		 .header_flags = CONTENT_8BIT},
		ALL,
		"MAIL FROM:<a@b.example> SIZE=12 BODY=8BITMIME SMTPUTF8 "
		"RET=HDRS ENVID=id"},
	    {{.sender = {"a@b.example", 11}, .envelope_id = {"no id", 5}},
		FEATURE_DSN, "MAIL FROM:<a@b.example>"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out;

		buf_init(&out, COMMAND_MAXIMUM);
		assert_true(envelope_append_mail(
		    &out, &cases[i].message, cases[i].features));
		assert_span(buf_span(&out), cases[i].want);
		buf_finish(&out);
	}
}

static void
test_rcpt(void **state UNUSED)
{
	static const struct {
		struct message_deliver_recipient recipient;
		unsigned features;
		const char *want;
	} cases[] = {
	    {{.address = {"a@b.example", 11},
		 .original = {"rfc822;x+2By", 12},
		 .notify = NOTIFY_NEVER},
		0, "RCPT TO:<a@b.example>"},
	    {{.address = {"a@b.example", 11},
		 .original = {"rfc822;x+2By", 12},
		 .original_recipient = {"o@b.example", 11},
		 .notify = NOTIFY_NEVER},
		FEATURE_DSN,
		"RCPT TO:<a@b.example> NOTIFY=NEVER ORCPT=rfc822;x+2By"},
	    {{.address = {"a@b.example", 11},
		 .original_recipient = {"o+x@b.example", 13},
		 .notify = NOTIFY_SUCCESS | NOTIFY_FAILURE},
		FEATURE_DSN,
		"RCPT TO:<a@b.example> NOTIFY=SUCCESS,FAILURE "
		"ORCPT=rfc822;o+2Bx@b.example"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out;

		buf_init(&out, COMMAND_MAXIMUM);
		assert_true(envelope_append_rcpt(
		    &out, &cases[i].recipient, cases[i].features));
		assert_span(buf_span(&out), cases[i].want);
		buf_finish(&out);
	}
}

/* No address can put a second command on the wire. */
static void
test_controls(void **state UNUSED)
{
	struct message_deliver message = {
	    .sender = SPAN("a\r\nRSET\r\n@d.example\n")};
	struct message_deliver_recipient recipient = {
	    .address = SPAN("a\0\n\177@b.example")};
	struct buf out;

	buf_init(&out, COMMAND_MAXIMUM);
	assert_true(envelope_append_mail(&out, &message, 0));
	assert_span(buf_span(&out), "MAIL FROM:<\"a??RSET??\"@d.example?>");
	buf_clear(&out);
	assert_true(envelope_append_rcpt(&out, &recipient, FEATURE_DSN));
	assert_span(buf_span(&out), "RCPT TO:<\"a???\"@b.example>");
	buf_clear(&out);
	recipient.original = SPAN("rfc822;x\r\nRSET");
	assert_false(envelope_append_rcpt(&out, &recipient, FEATURE_DSN));
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mail),
	    cmocka_unit_test(test_rcpt),
	    cmocka_unit_test(test_controls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
