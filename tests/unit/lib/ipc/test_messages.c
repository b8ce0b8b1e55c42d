/* SPDX-License-Identifier: MIT */

#include "lib/ipc/messages.h"

#include "../../unit.h"

static void
fill(struct buf *out)
{
	struct message_deliver_recipient recipient = {
	    .number = 7,
	    .address = SPAN("a@b.example"),
	    .original = SPAN("x@y.example"),
	    .original_recipient = SPAN("rfc822;x@y.example"),
	    .notify = NOTIFY_FAILURE | NOTIFY_DELAY,
	};

	assert_true(message_put_deliver_recipient(out, &recipient));
}

static void
what_is_put_is_got(void **state UNUSED)
{
	struct message_deliver_recipient got;
	struct buf bytes;

	buf_init(&bytes, 1000);
	fill(&bytes);
	assert_true(message_get_deliver_recipient(buf_span(&bytes), &got));
	assert_int_equal(got.number, 7);
	assert_true(span_equal(got.address, SPAN("a@b.example")));
	assert_true(span_equal(got.original, SPAN("x@y.example")));
	assert_int_equal(got.notify, NOTIFY_FAILURE | NOTIFY_DELAY);
	buf_finish(&bytes);
}

static void
every_short_message_is_refused(void **state UNUSED)
{
	struct message_deliver_recipient got;
	struct buf bytes;

	buf_init(&bytes, 1000);
	fill(&bytes);
	for (size_t len = 0; len < bytes.len; len++)
		assert_false(message_get_deliver_recipient(
		    span_head(buf_span(&bytes), len), &got));
	buf_append_byte(&bytes, 'x');
	assert_false(message_get_deliver_recipient(buf_span(&bytes), &got));
	buf_finish(&bytes);
}

static void
a_list_ends_empty_or_broken(void **state UNUSED)
{
	struct message_deliver_recipient got;
	struct buf bytes;
	struct span rest;
	int count = 0;

	buf_init(&bytes, 1000);
	fill(&bytes);
	fill(&bytes);
	rest = buf_span(&bytes);
	while (message_take_deliver_recipient(&rest, &got))
		count++;
	assert_int_equal(count, 2);
	assert_int_equal(rest.len, 0);
	/* Wherever it is cut, between two fields too. */
	for (size_t len = bytes.len / 2 + 1; len < bytes.len; len++) {
		rest = span_head(buf_span(&bytes), len);
		assert_true(message_take_deliver_recipient(&rest, &got));
		assert_false(message_take_deliver_recipient(&rest, &got));
		assert_int_equal(rest.len, len - bytes.len / 2);
	}
	buf_finish(&bytes);
}

static void
a_flag_is_zero_or_one(void **state UNUSED)
{
	struct message_end end;

	assert_true(message_get_end(SPAN("\1"), &end));
	assert_true(end.commit);
	assert_false(message_get_end(SPAN("\2"), &end));
}

static void
types_have_names(void **state UNUSED)
{
	assert_string_equal(message_name(MESSAGE_BEGIN), "BEGIN");
	assert_string_equal(message_name(MESSAGE_CONTENT), "CONTENT");
	assert_string_equal(message_name(MESSAGE_TYPE_COUNT), "unknown");
	assert_int_not_equal(message_table_hash(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_put_is_got),
	    cmocka_unit_test(every_short_message_is_refused),
	    cmocka_unit_test(a_list_ends_empty_or_broken),
	    cmocka_unit_test(a_flag_is_zero_or_one),
	    cmocka_unit_test(types_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
