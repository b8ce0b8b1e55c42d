/* SPDX-License-Identifier: MIT */
#include "lib/base/base64.h"

#include "../../unit.h"

static const struct {
	const char *bytes;
	const char *text;
} pairs[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xff\xfe\xfd", "//79"},
    {"\xfb", "+w=="},
};

static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg==Zg==", "Zm9v\n",
    "Zm 9", "Zh==", "Zm9=", "====", "Z===", "Z=g=", "Zm9v=", "-w==", "Zm9vZg="};

static void
test_pairs(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 100);
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		buf_clear(&out);
		assert_true(base64_encode(span_text(pairs[i].bytes), &out));
		assert_span(buf_span(&out), pairs[i].text);
		buf_clear(&out);
		assert_true(base64_decode(span_text(pairs[i].text), &out));
		assert_span(buf_span(&out), pairs[i].bytes);
	}
	buf_finish(&out);
}

static void
test_bad(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 100);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		buf_clear(&out);
		if (base64_decode(span_text(bad[i]), &out))
			fail_msg("\"%s\" is accepted", bad[i]);
	}
	buf_finish(&out);
	buf_init(&out, 7);
	assert_false(base64_encode(SPAN("foob"), &out));
	assert_false(base64_decode(SPAN("Zm9vYmFyZm9v"), &out));
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pairs),
	    cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
