/* SPDX-License-Identifier: MIT */
#include "lib/base/number.h"

#include "../../unit.h"

static const struct {
	const char *text;
	uint64_t maximum;
	bool valid;
	uint64_t want;
} decimals[] = {
    {"0", 0, true, 0},
    {"1", 0, false, 0},
    {"007", 7, true, 7},
    {"8", 7, false, 0},
    {"65535", 65535, true, 65535},
    {"65536", 65535, false, 0},
    {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
    {"18446744073709551616", UINT64_MAX, false, 0},
    {"99999999999999999999999", UINT64_MAX, false, 0},
    {"", 9, false, 0},
    {"-1", 9, false, 0},
    {"+1", 9, false, 0},
    {" 1", 9, false, 0},
    {"1 ", 9, false, 0},
    {"0x1", 99, false, 0},
    {"1a", 99, false, 0},
};

static void
test_decimal(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(decimals); i++) {
		uint64_t number = 12345;
		bool valid = number_parse(
		    span_text(decimals[i].text), decimals[i].maximum, &number);

		assert_int_equal(valid, decimals[i].valid);
		assert_int_equal(
		    number, decimals[i].valid ? decimals[i].want : 12345);
	}
}

static const struct {
	const char *text;
	uint64_t maximum;
	bool valid;
	uint64_t want;
} hexadecimals[] = {
    {"0", 0, true, 0},
    {"fF", 255, true, 255},
    {"100", 255, false, 0},
    {"ffffffffffffffff", UINT64_MAX, true, UINT64_MAX},
    {"10000000000000000", UINT64_MAX, false, 0},
    {"g", 99, false, 0},
    {"", 99, false, 0},
};

static void
test_hexadecimal(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(hexadecimals); i++) {
		uint64_t number = 12345;
		bool valid = number_parse_hex(span_text(hexadecimals[i].text),
		    hexadecimals[i].maximum, &number);

		assert_int_equal(valid, hexadecimals[i].valid);
		assert_int_equal(number,
		    hexadecimals[i].valid ? hexadecimals[i].want : 12345);
	}
}

static const struct {
	uint64_t number;
	const char *digits;
	size_t width;
	const char *want;
} formats[] = {
    {0, "01", 0, "0"},
    {0, "01", 4, "0000"},
    {5, "01", 0, "101"},
    {255, "0123456789abcdef", 4, "00ff"},
    {UINT64_MAX, "0123456789abcdef", 0, "ffffffffffffffff"},
    {51, "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz", 0, "z"},
    {52, "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz", 3, "010"},
};

static void
test_base(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		char text[65];
		uint64_t back;
		size_t len = number_format_base(formats[i].number,
		    formats[i].digits, formats[i].width, text, sizeof text);

		assert_string_equal(text, formats[i].want);
		assert_int_equal(len, strlen(text));
		assert_true(number_parse_base(
		    span_text(text), formats[i].digits, UINT64_MAX, &back));
		assert_int_equal(back, formats[i].number);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decimal),
	    cmocka_unit_test(test_hexadecimal),
	    cmocka_unit_test(test_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
