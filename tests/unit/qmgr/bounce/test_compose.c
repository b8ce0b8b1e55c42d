/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "qmgr/bounce/compose.h"

static const struct compose_host host = {
    .name = {"mx.example.org", 14},
    .system = {"Postern", 7},
};

/* Sun, 22 Nov 2026 11:00:09 UTC */
#define NOW INT64_C(1795345209000000)

static struct compose_notice
notice_of(enum notice_kind kind, const struct compose_recipient *recipients,
    size_t count)
{
	return (struct compose_notice){
	    .kind = kind,
	    .words = &template_builtin.of[kind],
	    .introduction = SPAN("Hello.\r\n"),
	    .queue_id = SPAN("4jXRJQ3HHZz1d0Hr"),
	    .sender = SPAN("ann@example.net"),
	    .to = SPAN("ann@example.net"),
	    .boundary = SPAN("B/mx"),
	    .own_id = SPAN("4jXRJR1111z2"),
	    .now = NOW,
	    .arrived = NOW - 3600 * INT64_C(1000000),
	    .expires = NOW + 3600 * INT64_C(1000000),
	    .whole = true,
	    .recipients = recipients,
	    .count = count,
	};
}

static void
assert_composed(const struct compose_notice *notice, const char *want)
{
	struct buf text;

	buf_init(&text, COMPOSE_MAXIMUM);
	assert_true(compose_head(&text, &host, notice));
	assert_span(buf_span(&text), want);
	buf_finish(&text);
}

static void
assert_has(const struct compose_notice *notice, const char *want)
{
	struct buf text;

	buf_init(&text, COMPOSE_MAXIMUM);
	assert_true(compose_head(&text, &host, notice));
	if (strstr(buf_text(&text), want) == NULL)
		fail_msg("no <%s> in\n%s", want, buf_text(&text));
	buf_finish(&text);
}

static void
assert_has_not(const struct compose_notice *notice, const char *text)
{
	struct buf whole;

	buf_init(&whole, COMPOSE_MAXIMUM);
	assert_true(compose_head(&whole, &host, notice));
	assert_null(strstr(buf_text(&whole), text));
	buf_finish(&whole);
}

static const struct compose_recipient refused = {
    .address = {"bob@example.com", 15},
    .outcome = DELIVERY_BOUNCED,
    .dsn = {"5.1.1", 5},
    .text =
	{"host mx.example.com[192.0.2.7] said: 550 5.1.1 <bob@example.com>: "
	 "no such user here (in reply to RCPT TO command)",
	    113},
    .remote = {"mx.example.com", 14},
    .reply = {"550 5.1.1 <bob@example.com>: no such user here", 46},
    .attempted = NOW,
};

static void
test_quoted_addresses(void **state UNUSED)
{
	struct compose_recipient strange = refused;
	struct compose_notice notice = notice_of(NOTICE_FAILURE, &strange, 1);

	strange.address = SPAN("a b\"c@example.com");
	strange.before = SPAN("x;y@example.com");
	notice.sender = SPAN("(me)@example.net");
	assert_has(&notice,
	    "\r\nFinal-Recipient: rfc822; \"a b\\\"c\"@example.com\r\n");
	assert_has(
	    &notice, "\r\nOriginal-Recipient: rfc822; \"x;y\"@example.com\r\n");
	assert_has(
	    &notice, "\r\nX-Postern-Sender: rfc822; \"(me)\"@example.net\r\n");
}

static void
test_failure(void **state UNUSED)
{
	struct compose_notice notice = notice_of(NOTICE_FAILURE, &refused, 1);

	assert_composed(&notice,
	    "Received: by mx.example.org (Postern)\r\n"
	    "\tid 4jXRJR1111z2; Sun, 22 Nov 2026 11:00:09 +0000 (UTC)\r\n"
	    "From: Mail Delivery System <MAILER-DAEMON>\r\n"
	    "Subject: Undelivered Mail Returned to Sender\r\n"
	    "To: ann@example.net\r\n"
	    "Auto-Submitted: auto-replied\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\r\n"
	    "\tboundary=\"B/mx\"\r\n"
	    "\r\n"
	    "This is a MIME-encapsulated message.\r\n"
	    "\r\n"
	    "--B/mx\r\n"
	    "Content-Description: Notification\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n"
	    "\r\n"
	    "Hello.\r\n"
	    "\r\n"
	    "<bob@example.com>: host mx.example.com[192.0.2.7] said: 550 "
	    "5.1.1\r\n"
	    "    <bob@example.com>: no such user here (in reply to RCPT TO "
	    "command)\r\n"
	    "\r\n"
	    "--B/mx\r\n"
	    "Content-Description: Delivery report\r\n"
	    "Content-Type: message/delivery-status\r\n"
	    "\r\n"
	    "Reporting-MTA: dns; mx.example.org\r\n"
	    "X-Postern-Queue-ID: 4jXRJQ3HHZz1d0Hr\r\n"
	    "X-Postern-Sender: rfc822; ann@example.net\r\n"
	    "Arrival-Date: Sun, 22 Nov 2026 10:00:09 +0000 (UTC)\r\n"
	    "\r\n"
	    "Final-Recipient: rfc822; bob@example.com\r\n"
	    "Action: failed\r\n"
	    "Status: 5.1.1\r\n"
	    "Remote-MTA: dns; mx.example.com\r\n"
	    "Diagnostic-Code: smtp; 550 5.1.1 <bob@example.com>: no such user "
	    "here\r\n"
	    "Last-Attempt-Date: Sun, 22 Nov 2026 11:00:09 +0000 (UTC)\r\n"
	    "\r\n"
	    "--B/mx\r\n"
	    "Content-Description: Undelivered Message\r\n"
	    "Content-Type: message/rfc822\r\n"
	    "\r\n");
}

static void
test_tail(void **state UNUSED)
{
	struct compose_notice notice = notice_of(NOTICE_FAILURE, &refused, 1);
	struct buf text;

	buf_init(&text, COMPOSE_MAXIMUM);
	assert_true(compose_tail(&text, &notice));
	assert_span(buf_span(&text), "\r\n--B/mx--\r\n");
	buf_finish(&text);
}

static void
test_delay(void **state UNUSED)
{
	struct compose_recipient late = {
	    .address = SPAN("bob@example.com"),
	    .outcome = DELIVERY_DEFERRED,
	    .dsn = SPAN("4.4.1"),
	    .text = SPAN("connect to mx.example.com[192.0.2.7]:25: Connection "
			 "refused"),
	};
	struct compose_notice notice = notice_of(NOTICE_DELAY, &late, 1);

	notice.whole = false;
	assert_has(&notice, "Subject: Delayed Mail (still being retried)\r\n");
	assert_has(&notice,
	    "Action: delayed\r\n"
	    "Status: 4.4.1\r\n"
	    "Diagnostic-Code: x-postern; connect to "
	    "mx.example.com[192.0.2.7]:25: Connection refused\r\n"
	    "Will-Retry-Until: Sun, 22 Nov 2026 12:00:09 +0000 (UTC)\r\n");
	assert_has(&notice,
	    "Content-Description: Delayed Message Headers\r\n"
	    "Content-Type: text/rfc822-headers\r\n\r\n");
}

static void
test_success(void **state UNUSED)
{
	static const struct {
		enum delivery_outcome outcome;
		const char *want;
	} actions[] = {
	    {DELIVERY_SENT, "Action: delivered\r\n"},
	    {DELIVERY_RELAYED, "Action: relayed\r\n"},
	    {DELIVERY_EXPANDED, "Action: expanded\r\n"},
	};

	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		struct compose_recipient recipient = {
		    .address = SPAN("bob@example.com"),
		    .outcome = actions[i].outcome,
		    .dsn = SPAN("2.0.0"),
		    .text = SPAN("delivered to maildir"),
		};
		struct compose_notice notice =
		    notice_of(NOTICE_SUCCESS, &recipient, 1);

		assert_has(
		    &notice, "Subject: Successful Mail Delivery Report\r\n");
		assert_has(&notice, actions[i].want);
	}
}

static void
test_original_recipient(void **state UNUSED)
{
	struct compose_recipient recipient = refused;
	struct compose_notice notice = notice_of(NOTICE_FAILURE, &recipient, 1);

	recipient.before = SPAN("list@example.org");
	assert_has(
	    &notice, "<bob@example.com> (expanded from <list@example.org>):");
	assert_has(&notice, "Original-Recipient: rfc822; list@example.org\r\n");
	recipient.original = SPAN("rfc822;the+2Blist@example.org");
	assert_has(
	    &notice, "Original-Recipient: rfc822; the+list@example.org\r\n");
	recipient.original = SPAN("utf-8;j+C3+B6rg+2Bx@example.org");
	assert_has(&notice,
	    "Original-Recipient: utf-8; j\\x{F6}rg\\x{2B}x@example.org\r\n");
	notice.utf8 = true;
	assert_has(&notice,
	    "Original-Recipient: utf-8; j\xc3\xb6rg+x@example.org\r\n");
	notice.envelope_id = SPAN("QQ+3D17");
	assert_has(&notice, "Original-Envelope-Id: QQ=17\r\n");
}

/* What a peer said cannot add a field or a part. */
static void
test_hostile_text(void **state UNUSED)
{
	struct compose_recipient recipient = refused;
	struct compose_notice notice = notice_of(NOTICE_FAILURE, &recipient, 1);

	recipient.reply = SPAN("550 no\r\nAction: delivered\r\n\r\n--B/mx\r\n");
	recipient.text = SPAN("no\r\n--B/mx\r\nContent-Type: text/html\r\n");
	assert_has_not(&notice, "\r\nAction: delivered");
	assert_has_not(&notice, "\r\nContent-Type: text/html");
}

/* An address outside ASCII makes the report an international one. */
static void
test_international(void **state UNUSED)
{
	struct compose_recipient recipient = refused;
	struct compose_notice notice = notice_of(NOTICE_FAILURE, &recipient, 1);

	assert_false(compose_is_international(&notice));
	assert_false(compose_is_8bit(&notice));
	recipient.address = SPAN("j\xc3\xb6rg@example.com");
	assert_true(compose_is_international(&notice));
	notice.utf8 = true;
	assert_true(compose_is_8bit(&notice));
	assert_has(&notice,
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n");
	assert_has(&notice,
	    "Content-Type: message/global-delivery-status\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n");
	assert_has(
	    &notice, "Final-Recipient: utf-8; j\xc3\xb6rg@example.com\r\n");
	assert_has(&notice, "X-Postern-Sender: rfc822; ann@example.net\r\n");
	assert_has(&notice, "Content-Type: message/rfc822\r\n\r\n");
	notice.returned_utf8 = true;
	notice.eight_bit = true;
	assert_has(&notice,
	    "Content-Type: message/global\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n");
	notice.whole = false;
	assert_has(&notice, "Content-Type: message/global-headers\r\n");
}

static void
test_where_it_is_international(void **state UNUSED)
{
	static const struct {
		struct span to;
		struct span sender;
		struct span before;
		struct span original;
		bool want;
	} cases[] = {
	    {{"a", 1}, {"a", 1}, {"a", 1}, {"rfc822;a", 8}, false},
	    {{"\xc3\xb6", 2}, {"a", 1}, {"a", 1}, {"rfc822;a", 8}, true},
	    {{"a", 1}, {"\xc3\xb6", 2}, {"a", 1}, {"rfc822;a", 8}, true},
	    {{"a", 1}, {"a", 1}, {"\xc3\xb6", 2}, {"rfc822;a", 8}, true},
	    {{"a", 1}, {"a", 1}, {"a", 1}, {"utf-8;+C3+B6", 12}, false},
	    {{"a", 1}, {"a", 1}, {"\xf6", 1}, {"utf-8;+F6", 9}, false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct compose_recipient recipient = refused;
		struct compose_notice notice =
		    notice_of(NOTICE_FAILURE, &recipient, 1);

		notice.to = cases[i].to;
		notice.sender = cases[i].sender;
		recipient.before = cases[i].before;
		recipient.original = cases[i].original;
		assert_int_equal(
		    compose_is_international(&notice), cases[i].want);
	}
}

/* A server may say what it likes: a report in ASCII stays one. */
static void
test_foreign_words(void **state UNUSED)
{
	struct compose_recipient recipient = refused;
	struct compose_notice notice = notice_of(NOTICE_FAILURE, &recipient, 1);

	recipient.text = SPAN("550 gibt's nicht, \xc3\xa4tsch");
	recipient.reply = recipient.text;
	assert_has(&notice, ": 550 gibt's nicht, ??tsch\r\n");
	assert_has(&notice, "smtp; 550 gibt's nicht, ??tsch\r\n");
	notice.utf8 = true;
	assert_has(&notice, "smtp; 550 gibt's nicht, \xc3\xa4tsch\r\n");
}

static void
test_template(void **state UNUSED)
{
	struct template words = template_builtin.of[TEMPLATE_FAILURE];
	struct compose_notice notice = notice_of(NOTICE_FAILURE, &refused, 1);

	words.charset = SPAN("iso-8859-1");
	words.from = SPAN("Poste <poste@example.net>");
	words.subject = SPAN("Non remis");
	notice.words = &words;
	notice.introduction = SPAN("D\xe9sol\xe9.\r\n");
	assert_has(&notice, "\r\nFrom: Poste <poste@example.net>\r\n");
	assert_has(&notice, "\r\nSubject: Non remis\r\n");
	assert_has(&notice,
	    "Content-Type: text/plain; charset=iso-8859-1\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n"
	    "\r\n"
	    "D\xe9sol\xe9.\r\n");
	assert_true(compose_is_8bit(&notice));
}

static void
test_postmaster(void **state UNUSED)
{
	struct compose_notice notice = notice_of(NOTICE_FAILURE, &refused, 1);

	notice.for_postmaster = true;
	notice.to = SPAN("postmaster");
	notice.sender = SPAN_EMPTY;
	assert_has(&notice,
	    "Subject: Postmaster Copy: Undelivered Mail\r\n"
	    "To: postmaster\r\n");
	assert_has_not(&notice, "Hello.");
	assert_has_not(&notice, "X-Postern-Sender");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_failure),
	    cmocka_unit_test(test_quoted_addresses),
	    cmocka_unit_test(test_tail),
	    cmocka_unit_test(test_delay),
	    cmocka_unit_test(test_success),
	    cmocka_unit_test(test_original_recipient),
	    cmocka_unit_test(test_hostile_text),
	    cmocka_unit_test(test_international),
	    cmocka_unit_test(test_where_it_is_international),
	    cmocka_unit_test(test_foreign_words),
	    cmocka_unit_test(test_template),
	    cmocka_unit_test(test_postmaster),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
