/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"
#include "lib/mail/transfer_encoder.h"

#include "../../unit.h"

enum {
	MAXIMUM = 1 << 16
};

#define A70                                                                    \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aa"

static const struct {
	const char *content;
	const char *quoted;
	const char *base64;
} cases[] = {
    {"", "", ""},
    {"a", "a", "YQ=="},
    {"ab", "ab", "YWI="},
    {"abc", "abc", "YWJj"},
    {"abcd\r\n", "abcd\r\n", "YWJjZA0K"},
    {"\xc3\xbc=\r\n", "=C3=BC=3D\r\n", "w7w9DQo="},
    {"~\x7f\xff\001\t\r\n", "~=7F=FF=01=09\r\n", "fn//AQkNCg=="},
    /* blanks before the end of a line, and bare CR and LF */
    {"a \r\nb\t\r\n \r\n c", "a=20\r\nb=09\r\n=20\r\n c",
	"YSANCmIJDQogDQogYw=="},
    {"a  ", "a =20", "YSAg"},
    {"a\rb\nc \r", "a=0Db=0Ac =0D", "YQ1iCmMgDQ=="},
    {"\r\r\n\r", "=0D\r\n=0D", "DQ0KDQ=="},
    {"a \r b", "a =0D b", "YSANIGI="},
    /* no line becomes a delimiter */
    {"--b\r\n-\r\na-b-\r\n", "=2D-b\r\n=2D\r\na-b-\r\n",
	"LS1iDQotDQphLWItDQo="},
    {A70 "abcde--x", A70 "abcde=\r\n=2D-x",
	"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
	"YWFhYWFh\r\nYWFhYWFhYWFhYWFhYWFiY2RlLS14"},
    /* lines of 76 at most */
    {A70 "abcde", A70 "abcde",
	"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
	"YWFhYWFh\r\nYWFhYWFhYWFhYWFhYWFiY2Rl"},
    {A70 "abcdef\r\n", A70 "abcde=\r\nf\r\n",
	"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
	"YWFhYWFh\r\nYWFhYWFhYWFhYWFhYWFiY2RlZg0K"},
    {A70 "abc\xff", A70 "abc=\r\n=FF",
	"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
	"YWFhYWFh\r\nYWFhYWFhYWFhYWFhYWFiY/8="},
};

static bool
collect(void *owner, struct span run)
{
	assert_int_not_equal(run.len, 0);
	return buf_append_span(owner, run);
}

static void
run_case(size_t i, bool is_base64, size_t step)
{
	struct span rest = span_text(cases[i].content);
	struct transfer_encoder encoder;
	struct buf out;

	buf_init(&out, MAXIMUM);
	transfer_encoder_init(&encoder, is_base64, collect, &out);
	for (; rest.len > 0; rest = span_skip(rest, step))
		assert_true(
		    transfer_encoder_feed(&encoder, span_head(rest, step)));
	assert_true(transfer_encoder_end(&encoder));
	assert_span(
	    buf_span(&out), is_base64 ? cases[i].base64 : cases[i].quoted);
	buf_finish(&out);
}

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t step = 1; step < 90; step++) {
			run_case(i, false, step);
			run_case(i, true, step);
		}
}

static bool
refuse(void *owner UNUSED, struct span run UNUSED)
{
	return false;
}

static void
test_refused(void **state UNUSED)
{
	char text[4 * TRANSFER_OUTPUT_SIZE];
	struct transfer_encoder encoder;

	memset(text, '=', sizeof text);
	for (int is_base64 = 0; is_base64 < 2; is_base64++) {
		transfer_encoder_init(&encoder, is_base64 != 0, refuse, NULL);
		assert_false(transfer_encoder_feed(
		    &encoder, span_of(text, sizeof text)));
		transfer_encoder_init(&encoder, is_base64 != 0, refuse, NULL);
		assert_true(transfer_encoder_feed(&encoder, SPAN("x")));
		assert_false(transfer_encoder_end(&encoder));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
