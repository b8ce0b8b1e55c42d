/* SPDX-License-Identifier: MIT */
#include "lib/mail/reply.h"

#include "../../unit.h"

static const struct {
	uint16_t code;
	const char *status;
	const char *text;
	const char *wire;
	const char *line;
} replies[] = {
    {250, "2.1.0", "Ok", "250 2.1.0 Ok\r\n", "250 2.1.0 Ok"},
    {220, NULL, "host ESMTP", "220 host ESMTP\r\n", "220 host ESMTP"},
    {250, NULL, "host\nPIPELINING\nSIZE 10",
	"250-host\r\n250-PIPELINING\r\n250 SIZE 10\r\n",
	"250 host PIPELINING SIZE 10"},
    {550, "5.7.1", "one\ntwo", "550-5.7.1 one\r\n550 5.7.1 two\r\n",
	"550 5.7.1 one two"},
    {550, "5.7.1", "5.7.26 own", "550 5.7.26 own\r\n", "550 5.7.1 5.7.26 own"},
    {354, NULL, "", "354 \r\n", "354"},
    {501, "5.5.4", "bad \r\x07 caf\xe9", "501 5.5.4 bad ?? caf?\r\n",
	"501 5.5.4 bad ?? caf?"},
};

static void
test_format(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct reply reply;
		struct buf out;

		reply_set(&reply, replies[i].code, replies[i].status, "%s",
		    replies[i].text);
		buf_init(&out, 2000);
		assert_true(reply_append(&out, &reply));
		assert_span(buf_span(&out), replies[i].wire);
		buf_clear(&out);
		assert_true(reply_append_line(&out, &reply));
		assert_span(buf_span(&out), replies[i].line);
		buf_finish(&out);
	}
}

static void
test_long_text_is_cut_and_wrapped(void **state UNUSED)
{
	char text[2 * REPLY_TEXT_SIZE];
	struct reply reply;
	struct span rest;
	struct span line;
	struct buf out;

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	reply_set(&reply, 550, "5.7.1", "%s", text);
	assert_int_equal(strlen(reply.text), REPLY_TEXT_SIZE - 1);
	buf_init(&out, 2000);
	assert_true(reply_append(&out, &reply));
	rest = buf_span(&out);
	assert_true(span_starts(rest, SPAN("550-5.7.1 aaa")));
	while (span_split(rest, '\n', &line, &rest))
		assert_in_range(line.len, 1, 511);
	assert_true(span_starts(line, SPAN("550 5.7.1 aaa")) || line.len == 0);
	buf_finish(&out);
}

static const struct {
	const char *text;
	bool good;
	struct reply_status status;
	const char *rest;
} statuses[] = {
    {"5.1.1 User unknown", true, {5, 1, 1}, "User unknown"},
    {"2.0.0", true, {2, 0, 0}, ""},
    {"4.7.999  x", true, {4, 7, 999}, "x"},
    {"5.7.2", true, {5, 7, 2}, ""},
    {"3.0.0 x", false, {0}, NULL},
    {"5.1 x", false, {0}, NULL},
    {"5.1. x", false, {0}, NULL},
    {"5.1.1.1 x", false, {0}, NULL},
    {"5.1.1x", false, {0}, NULL},
    {"5.1.1000", false, {0}, NULL},
    {"5.10000.1", false, {0}, NULL},
    {"55.1.1", false, {0}, NULL},
    {" 5.1.1", false, {0}, NULL},
    {"", false, {0}, NULL},
};

static void
test_status(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		struct span text = span_text(statuses[i].text);
		struct reply_status status;
		char formatted[REPLY_STATUS_SIZE];

		assert_int_equal(
		    reply_parse_status(&text, &status), statuses[i].good);
		if (!statuses[i].good) {
			assert_span(text, statuses[i].text);
			continue;
		}
		assert_memory_equal(
		    &status, &statuses[i].status, sizeof status);
		assert_span(text, statuses[i].rest);
		assert_true(span_starts(span_text(statuses[i].text),
		    span_text(reply_format_status(status, formatted))));
	}
}

static void
test_meaning(void **state UNUSED)
{
	assert_string_equal(
	    reply_status_meaning((struct reply_status){5, 1, 1}),
	    "bad destination mailbox address");
	assert_string_equal(
	    reply_status_meaning((struct reply_status){4, 4, 7}),
	    "delivery time expired");
	assert_string_equal(
	    reply_status_meaning((struct reply_status){5, 99, 99}),
	    "other undefined status");
}

static void
test_class(void **state UNUSED)
{
	struct reply reply;

	reply_set(&reply, 250, NULL, "ok");
	assert_true(reply_is_positive(&reply));
	reply_set(&reply, 451, "4.3.0", "later");
	assert_true(reply_is_temporary(&reply));
	assert_false(reply_is_permanent(&reply));
	reply_set(&reply, 550, "5.1.1", "no");
	assert_true(reply_is_permanent(&reply));
	assert_false(reply_is_positive(&reply));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_format),
	    cmocka_unit_test(test_long_text_is_cut_and_wrapped),
	    cmocka_unit_test(test_status),
	    cmocka_unit_test(test_meaning),
	    cmocka_unit_test(test_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
