/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "local/mailbox/delivered_to.h"

static const struct {
	const char *block;
	const char *address;
	bool want;
} finds[] = {
    {"", "joe@example.org", false},
    {"Delivered-To: joe@example.org\r\n", "joe@example.org", true},
    {"delivered-to: JOE@Example.ORG\r\n", "joe@example.org", true},
    {"Delivered-To: joe@example.org\r\n", "JOE@EXAMPLE.org", true},
    {"Delivered-To:  joe@example.org \r\n", "joe@example.org", true},
    {"Delivered-To: <joe@example.org>\r\n", "joe@example.org", true},
    {"Delivered-To:\r\n joe@example.org\r\n", "joe@example.org", true},
    {"Delivered-To: ann@example.org\r\nSubject: x\r\n"
     "Delivered-To: joe@example.org\r\n",
	"joe@example.org", true},
    {"Delivered-To: \"joe doe\"@example.org\r\n", "joe doe@example.org", true},
    {"Delivered-To: joe@example.org\r\n", "ann@example.org", false},
    {"X-Delivered-To: joe@example.org\r\n", "joe@example.org", false},
    {"Subject: Delivered-To: joe@example.org\r\n", "joe@example.org", false},
    {"Delivered-To: joe@example.org.x\r\n", "joe@example.org", false},
    {"Delivered-To\r\n", "joe@example.org", false},
};

static void
test_find(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(finds); i++) {
		print_message("%s\n", finds[i].block);
		assert_int_equal(delivered_to_find(span_text(finds[i].block),
				     span_text(finds[i].address)),
		    finds[i].want);
	}
}

static const struct {
	const char *sender;
	const char *original;
	const char *address;
	const char *want;
} headers[] = {
    {"ann@example.net", "joe", "joe@example.org",
	"Return-Path: <ann@example.net>\r\n"
	"X-Original-To: joe\r\n"
	"Delivered-To: joe@example.org\r\n"},
    {"", "", "joe doe@example.org",
	"Return-Path: <>\r\n"
	"Delivered-To: \"joe doe\"@example.org\r\n"},
    {"a\"b@example.net", "x\r\nBcc: y", "joe@example.org",
	"Return-Path: <\"a\\\"b\"@example.net>\r\n"
	"X-Original-To: \"x??Bcc: y\"\r\n"
	"Delivered-To: joe@example.org\r\n"},
};

/* What is written is found again. */
static void
test_append(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		struct buf out;

		buf_init(&out, 10000);
		delivered_to_append(&out, span_text(headers[i].sender),
		    span_text(headers[i].original),
		    span_text(headers[i].address));
		assert_span(buf_span(&out), headers[i].want);
		assert_true(delivered_to_find(
		    buf_span(&out), span_text(headers[i].address)));
		buf_finish(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
