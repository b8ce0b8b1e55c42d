/* SPDX-License-Identifier: MIT */
#include "lib/mail/unitext.h"

#include "../../unit.h"

static const struct {
	const char *plain;
	const char *encoded;
} pairs[] = {
    {"", ""},
    {"user@example.com", "user@example.com"},
    {"a+b=c d\\", "a\\x{2B}b\\x{3D}c\\x{20}d\\x{5C}"},
    {"j\xc3\xb6rg", "j\\x{F6}rg"},
    {"\xe4\xbd\xa0@\xe5\xa5\xbd.example", "\\x{4F60}@\\x{597D}.example"},
    {"\xf0\x9f\x93\xa7\xf4\x8f\xbf\xbf", "\\x{1F4E7}\\x{10FFFF}"},
    {"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf",
	"\\x{7F}\\x{80}\\x{7FF}\\x{800}\\x{FFFF}"},
};

static void
test_both_ways(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct buf out;

		buf_init(&out, 100);
		assert_true(unitext_encode(&out, span_text(pairs[i].plain)));
		assert_span(buf_span(&out), pairs[i].encoded);
		buf_clear(&out);
		assert_true(
		    unitext_decode(&out, span_text(pairs[i].encoded), false));
		assert_span(buf_span(&out), pairs[i].plain);
		buf_finish(&out);
	}
}

static const struct {
	const char *text;
	bool utf8;
	const char *want; /* NULL: refused */
} forms[] = {
    {"a+2Bb", false, "a+b"},
    {"a+C3+B6", false, NULL},
    {"a+C3+B6", true, "a\xc3\xb6"},
    {"j\xc3\xb6rg", true, "j\xc3\xb6rg"},
    {"j\xc3\xb6rg", false, NULL},
    {"\\x{0F6}", false, "\xc3\xb6"},
    {"\\x{6}", false, NULL},
    {"\\x{00000F6}", false, NULL},
    {"\\x{}", false, NULL},
    {"\\x{F6", false, NULL},
    {"\\x", false, NULL},
    {"\\xF6", false, NULL},
    {"\\", false, NULL},
    {"\\x{GG}", false, NULL},
    {"\\x{D800}", false, NULL},
    {"\\x{DFFF}", false, NULL},
    {"\\x{110000}", false, NULL},
    {"a b", true, NULL},
    {"a=b", true, NULL},
    {"a+", true, NULL},
    {"\r", true, NULL},
};

static void
test_forms(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct buf out;
		bool good;

		buf_init(&out, 100);
		good = unitext_decode(
		    &out, span_text(forms[i].text), forms[i].utf8);
		assert_int_equal(good, forms[i].want != NULL);
		assert_span(buf_span(&out), good ? forms[i].want : "");
		buf_finish(&out);
	}
}

static void
test_not_utf8(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 100);
	assert_false(unitext_encode(&out, SPAN("j\xf6rg")));
	buf_finish(&out);
	buf_init(&out, 4);
	assert_false(unitext_encode(&out, SPAN("\xc3\xb6")));
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_ways),
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
