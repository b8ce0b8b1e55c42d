/* SPDX-License-Identifier: MIT */
#include "../../unit.h"
#include "master/postconf/output.h"

#define LONG_WORD "0123456789012345678901234567890123456789"

static const struct {
	struct output output;
	const char *name;
	const char *value;
	const char *text;
} cases[] = {
    {{0}, "a", "b", "a = b\n"},
    {{0}, "a", "", "a =\n"},
    {{0}, "a", "  b,\n\tc  d ", "a = b, c d\n"},
    {{.is_value_only = true}, "a", " b  c", "b c\n"},
    {{.is_value_only = true}, "a", "", "\n"},
    {{.is_name_only = true}, "a", "b", "a\n"},
    {{.is_folded = true}, "a", "b c", "a = b c\n"},
    {{.is_folded = true}, "abcdefg", LONG_WORD " " LONG_WORD " x",
	"abcdefg = " LONG_WORD "\n    " LONG_WORD " x\n"},
    {{.is_folded = true}, "a", LONG_WORD LONG_WORD,
	"a =\n    " LONG_WORD LONG_WORD "\n"},
    {{0}, "a", LONG_WORD LONG_WORD " b", "a = " LONG_WORD LONG_WORD " b\n"},
    {{.is_json = true}, "a", "b\t\"c",
	"{\"name\": \"a\", \"value\": \"b\\u0009\\\"c\"}\n"},
    {{.is_json = true, .is_name_only = true}, "a", "b", "{\"name\": \"a\"}\n"},
};

static void
test_setting(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct output output = cases[i].output;

		buf_clear(&out);
		output.out = &out;
		output_setting(&output, span_text(cases[i].name),
		    span_text(cases[i].value));
		assert_span(buf_span(&out), cases[i].text);
	}
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
