/* SPDX-License-Identifier: MIT */
#include "lib/queue/attribute.h"
#include "lib/queue/little.h"
#include "lib/queue/record.h"

#include "../../unit.h"

static const struct stored_recipient full = {.number = 7,
    .flags = RECIPIENT_NOTIFY_DELAY | 0x8000,
    .address = {"user@example.net", 16},
    .original = {"\"a b\"@example.org", 17},
    .orcpt = {"rfc822;a@b", 10}};

static void
test_recipient_round_trip(void **state UNUSED)
{
	struct stored_recipient recipient;
	struct span rest;
	struct buf out;

	buf_init(&out, 1000);
	for (size_t len = 0; len < 17; len++) {
		struct stored_recipient sized = full;

		buf_clear(&out);
		sized.address.len = len;
		assert_true(record_append_recipient(&out, &sized));
		assert_int_equal(out.len % 8, 0);
		assert_true(record_append_recipient(&out, &full));
		rest = buf_span(&out);
		assert_int_equal(
		    record_take_recipient(&rest, &recipient), RECORD_TAKEN);
		assert_int_equal(recipient.number, 7);
		assert_int_equal(recipient.flags, full.flags);
		assert_true(span_equal(recipient.address, sized.address));
		assert_true(span_equal(recipient.original, full.original));
		assert_true(span_equal(recipient.orcpt, full.orcpt));
		assert_int_equal(
		    record_take_recipient(&rest, &recipient), RECORD_TAKEN);
		assert_int_equal(rest.len, 0);
	}
	buf_finish(&out);
}

static void
test_recipient_limits(void **state UNUSED)
{
	static char text[RECORD_TEXT_MAXIMUM + 1];
	struct stored_recipient recipient = full;
	struct buf out;

	buf_init(&out, RECORD_MAXIMUM);
	memset(text, 'a', sizeof text);
	recipient.address = recipient.original = recipient.orcpt =
	    span_of(text, RECORD_TEXT_MAXIMUM);
	assert_true(record_append_recipient(&out, &recipient));
	assert_false(record_append_recipient(&out, &full));
	recipient.orcpt = span_of(text, sizeof text);
	buf_clear(&out);
	assert_false(record_append_recipient(&out, &recipient));
	buf_finish(&out);
}

static void
test_recipient_damage(void **state UNUSED)
{
	static const struct {
		size_t offset;
		uint64_t value;
	} cases[] = {{0, 0}, {0, 19}, {0, 56}, {0, 72}, {0, UINT32_MAX},
	    {12, 5000}, {12, 40}, {12, 60}, {14, 65535}, {16, 30}};
	struct stored_recipient recipient;
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct span rest;

		buf_clear(&out);
		assert_true(record_append_recipient(&out, &full));
		assert_int_equal(out.len, 64);
		assert_true(record_append_recipient(&out, &full));
		little_put(out.at + cases[i].offset,
		    cases[i].offset == 0 ? 4 : 2, cases[i].value);
		rest = buf_span(&out);
		assert_int_equal(
		    record_take_recipient(&rest, &recipient), RECORD_CORRUPT);
		assert_int_equal(rest.len, out.len);
	}
	buf_clear(&out);
	assert_true(record_append_recipient(&out, &full));
	for (size_t len = 0; len < out.len; len++) {
		struct span rest = span_head(buf_span(&out), len);

		assert_int_equal(
		    record_take_recipient(&rest, &recipient), RECORD_SHORT);
	}
	buf_finish(&out);
}

static void
test_attributes(void **state UNUSED)
{
	struct span rest, name, value;
	struct buf out;

	buf_init(&out, 100);
	assert_true(record_append_attribute(&out, SPAN("helo"), SPAN("a=b\n")));
	assert_true(record_append_attribute(&out, SPAN("x_2"), SPAN_EMPTY));
	assert_false(record_append_attribute(&out, SPAN("X"), SPAN_EMPTY));
	assert_false(record_append_attribute(&out, SPAN_EMPTY, SPAN("a")));
	assert_false(record_append_attribute(&out, SPAN("a"), SPAN("b\0c")));
	rest = buf_span(&out);
	assert_true(record_take_attribute(&rest, &name, &value));
	assert_span(name, "helo");
	assert_span(value, "a=b\n");
	assert_true(record_take_attribute(&rest, &name, &value));
	assert_span(name, "x_2");
	assert_span(value, "");
	assert_int_equal(rest.len, 0);
	rest = SPAN("a=b"); /* no NUL at the end */
	assert_false(record_take_attribute(&rest, &name, &value));
	rest = SPAN("ab\0");
	assert_false(record_take_attribute(&rest, &name, &value));
	rest = SPAN("A=b\0");
	assert_false(record_take_attribute(&rest, &name, &value));
	buf_finish(&out);
}

static void
test_attribute_names(void **state UNUSED)
{
	for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++) {
		struct span name = span_text(attribute_name(i));

		assert_true(attribute_name_is_valid(name));
		assert_int_equal(attribute_find(name), i);
	}
	assert_int_equal(attribute_find(SPAN("sende")), ATTRIBUTE_COUNT);
	assert_int_equal(attribute_find(SPAN_EMPTY), ATTRIBUTE_COUNT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recipient_round_trip),
	    cmocka_unit_test(test_recipient_limits),
	    cmocka_unit_test(test_recipient_damage),
	    cmocka_unit_test(test_attributes),
	    cmocka_unit_test(test_attribute_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
