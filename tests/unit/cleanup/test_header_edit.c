/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "cleanup/header_edit.h"

#define DROP "bcc, content-length, resent-bcc, return-path"

struct edit_case {
	const char *name;
	const char *in;
	const char *want;
	const char *want_spilled;
	const char *full_name;
	const char *sender;
	const char *undisclosed;
	size_t field_maximum; /* 0: 1000 */
	size_t block_maximum;
	uint64_t hops;
	bool complete;
	bool cut;
};

#define ID   "Message-ID: <19700101000000.4Q@mx.example>\r\n"
#define DATE "Date: Thu, 1 Jan 1970 00:00:00 +0000 (UTC)\r\n"

static const struct edit_case cases[] = {
    {.name = "nothing", .in = "", .want = ""},
    {.name = "fields stay as they are",
	.in = "Subject:  x \r\nX-A:y\r\n\tz\r\n",
	.want = "Subject:  x \r\nX-A:y\r\n\tz\r\n"},
    {.name = "unwanted fields go with their folds",
	.in = "A: 1\r\nBCC: a@b,\r\n c@d\r\nB: 2\r\nreturn-path: <x>\r\n",
	.want = "A: 1\r\nB: 2\r\n"},
    {.name = "a blank before the colon belongs to the name",
	.in = "Bcc : a@b\r\nB: 2\r\n",
	.want = "B: 2\r\n"},
    {.name = "similar names stay",
	.in = "Bccx: 1\r\nX-Bcc: 2\r\nDelivered-To: a\r\n",
	.want = "Bccx: 1\r\nX-Bcc: 2\r\nDelivered-To: a\r\n"},
    {.name = "hops are counted whatever their case",
	.in = "Received: a\r\n b\r\nRECEIVED: c\r\nX-Received: d\r\n",
	.want = "Received: a\r\n b\r\nRECEIVED: c\r\nX-Received: d\r\n",
	.hops = 2},
    {.name = "what is no field ends the header",
	.in = "A: 1\r\nno field\r\nBcc: a@b\r\nReceived: x\r\n",
	.want = "A: 1\r\nno field\r\nBcc: a@b\r\nReceived: x\r\n"},
    {.name = "a first line that is no field",
	.in = " folded\r\nBcc: a\r\n",
	.want = " folded\r\nBcc: a\r\n"},
    {.name = "local mail is completed",
	.in = "Subject: x\r\n",
	.complete = true,
	.sender = "joe@example.org",
	.want = "Subject: x\r\n" ID DATE "From: joe@example.org\r\n"},
    {.name = "with a full name",
	.in = "",
	.complete = true,
	.sender = "joe@example.org",
	.full_name = "Joe B. Nobody",
	.want = ID DATE "From: \"Joe B. Nobody\" <joe@example.org>\r\n"},
    {.name = "a full name cannot break the line",
	.in = "",
	.complete = true,
	.sender = "joe@example.org",
	.full_name = "Joe\r\nX: y",
	.want = ID DATE "From: \"Joe  X: y\" <joe@example.org>\r\n"},
    {.name = "the null sender",
	.in = "date: x\r\nmessage-id: y\r\n",
	.complete = true,
	.want = "date: x\r\nmessage-id: y\r\nFrom: MAILER-DAEMON\r\n"},
    {.name = "nothing is added that is there",
	.in = "From: a\r\nDate: b\r\nMessage-Id: c\r\n",
	.complete = true,
	.want = "From: a\r\nDate: b\r\nMessage-Id: c\r\n"},
    {.name = "resent mail gets the Resent- fields",
	.in = "Resent-To: x\r\nResent-From: z\r\nFrom: a\r\n",
	.complete = true,
	.sender = "joe@example.org",
	.want = "Resent-To: x\r\nResent-From: z\r\nFrom: a\r\nResent-" ID
		"Resent-" DATE},
    {.name = "missing fields go before text",
	.in = "From: a\r\nDate: b\r\nno field\r\nmore: x\r\n",
	.complete = true,
	.want = "From: a\r\nDate: b\r\n" ID "no field\r\nmore: x\r\n"},
    {.name = "undisclosed recipients",
	.in = "A: 1\r\nBcc: x\r\n",
	.undisclosed = "To: undisclosed-recipients:;",
	.want = "A: 1\r\nTo: undisclosed-recipients:;\r\n"},
    {.name = "recipients that are disclosed",
	.in = "cc: 1\r\n",
	.undisclosed = "To: undisclosed-recipients:;",
	.want = "cc: 1\r\n"},
    {.name = "a long field is cut",
	.in = "A: 456789\r\nB: 1\r\n",
	.field_maximum = 8,
	.want = "A: 45678\r\nB: 1\r\n",
	.cut = true},
    {.name = "at the end of a line",
	.in = "A: 456\r\n 9\r\n x\r\nB: 1\r\n",
	.field_maximum = 8,
	.want = "A: 456\r\nB: 1\r\n",
	.cut = true},
    {.name = "inside a line end",
	.in = "A: 45678\r\n 9\r\nB: 1\r\n",
	.field_maximum = 9,
	.want = "A: 45678\r\nB: 1\r\n",
	.cut = true},
    {.name = "a long unwanted field is no loss",
	.in = "Bcc: 9999999\r\n 9\r\nB: 1\r\n",
	.field_maximum = 8,
	.want = "B: 1\r\n"},
    {.name = "fields beyond the block are spilled whole",
	.in = "A: 1\r\nB: 2\r\n 3\r\nC: 4\r\nBcc: x\r\nno field\r\n",
	.block_maximum = 13,
	.want = "A: 1\r\n",
	.want_spilled = "B: 2\r\n 3\r\nC: 4\r\nno field\r\n"},
};

static bool
spill(void *owner, struct span bytes)
{
	return buf_append_span(owner, bytes);
}

static void
feed(struct header_edit *edit, const char *in, size_t step)
{
	struct span rest = span_text(in);

	for (; rest.len > 0; rest = span_skip(rest, step))
		assert_true(header_edit_feed(edit, span_head(rest, step)));
}

static void
check(const struct edit_case *this, size_t step)
{
	struct header_edit edit;
	struct buf spilled;

	buf_init(&spilled, 10000);
	header_edit_init(&edit,
	    &(struct header_edit_settings){
		.drop = SPAN(DROP),
		.field_maximum =
		    this->field_maximum > 0 ? this->field_maximum : 1000,
		.block_maximum =
		    this->block_maximum > 0 ? this->block_maximum : 1000,
		.spill = spill,
		.owner = &spilled,
	    });
	feed(&edit, this->in, step);
	header_edit_complete(&edit,
	    &(struct header_edit_origin){
		.complete = this->complete,
		.sender = span_text(this->sender),
		.full_name = span_text(this->full_name),
		.queue_id = SPAN("4Q"),
		.host = SPAN("mx.example"),
		.undisclosed = span_text(this->undisclosed),
		.arrival = 0,
	    });
	assert_span(buf_span(&edit.block), this->want);
	assert_span(buf_span(&spilled),
	    this->want_spilled == NULL ? "" : this->want_spilled);
	assert_int_equal(edit.hops, this->hops);
	assert_int_equal(edit.was_cut, this->cut);
	header_edit_finish(&edit);
	buf_finish(&spilled);
}

static void
test_table(void **state UNUSED)
{
	static const size_t steps[] = {1, 2, 3, 7, 100000};

	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t j = 0; j < COUNT_OF(steps); j++) {
			print_message("%s / %zu\n", cases[i].name, steps[j]);
			check(&cases[i], steps[j]);
		}
}

static void
test_line_without_name(void **state UNUSED)
{
	static char long_line[5000];
	struct header_edit edit;

	memset(long_line, 'x', sizeof long_line);
	long_line[3000] = ':';
	memcpy(long_line + sizeof long_line - 3, "\r\n", 3);
	header_edit_init(&edit,
	    &(struct header_edit_settings){
		.field_maximum = 1000, .block_maximum = 10000});
	feed(&edit, long_line, 700);
	assert_span(buf_span(&edit.block), long_line);
	header_edit_finish(&edit);
}

static void
test_message_id(void **state UNUSED)
{
	struct header_edit edit;
	struct buf id;

	buf_init(&id, 100);
	header_edit_init(&edit,
	    &(struct header_edit_settings){
		.field_maximum = 1000, .block_maximum = 1000});
	feed(&edit, "To: x\r\nmessage-id:\r\n <a@b>\r\n", 5);
	assert_false(header_edit_message_id(&edit, true, &id));
	assert_true(header_edit_message_id(&edit, false, &id));
	assert_span(buf_span(&id), "<a@b>");
	header_edit_finish(&edit);
	buf_finish(&id);
}

static bool
refuse(void *owner UNUSED, struct span bytes UNUSED)
{
	return false;
}

static void
test_refused_spill(void **state UNUSED)
{
	struct header_edit edit;

	header_edit_init(&edit,
	    &(struct header_edit_settings){
		.field_maximum = 1000, .block_maximum = 10, .spill = refuse});
	assert_true(header_edit_feed(&edit, SPAN("A: 1\r\n")));
	assert_false(header_edit_feed(&edit, SPAN("B: 123456\r\n")));
	assert_false(header_edit_feed(&edit, SPAN("C: 1\r\n")));
	header_edit_finish(&edit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_line_without_name),
	    cmocka_unit_test(test_message_id),
	    cmocka_unit_test(test_refused_spill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
