/* SPDX-License-Identifier: MIT */
#include "lib/mail/xtext.h"

#include "../../unit.h"

static const struct {
	const char *plain;
	const char *encoded;
} pairs[] = {
    {"", ""},
    {"user@example.com", "user@example.com"},
    {"a+b=c d", "a+2Bb+3Dc+20d"},
    {"\r\n\x7f\xe9", "+0D+0A+7F+E9"},
};

static void
test_both_ways(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct buf out;

		buf_init(&out, 100);
		assert_true(xtext_encode(&out, span_text(pairs[i].plain)));
		assert_span(buf_span(&out), pairs[i].encoded);
		buf_clear(&out);
		assert_true(xtext_decode(&out, span_text(pairs[i].encoded)));
		assert_span(buf_span(&out), pairs[i].plain);
		buf_finish(&out);
	}
}

static const char *const invalid[] = {
    "a b", "a=b", "+", "+2", "+2G", "a+", "\x01", "\xe9", "+-1"};

static void
test_invalid(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(invalid); i++) {
		struct buf out;

		buf_init(&out, 100);
		buf_append_text(&out, "before");
		assert_false(xtext_decode(&out, span_text(invalid[i])));
		assert_span(buf_span(&out), "before");
		buf_finish(&out);
	}
}

static void
test_maximum(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 3);
	assert_false(xtext_decode(&out, SPAN("abcd")));
	assert_int_equal(out.len, 0);
	buf_finish(&out);
	buf_init(&out, 3);
	assert_false(xtext_encode(&out, SPAN("a+")));
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_ways),
	    cmocka_unit_test(test_invalid),
	    cmocka_unit_test(test_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
