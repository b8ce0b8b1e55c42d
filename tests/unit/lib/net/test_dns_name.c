/* SPDX-License-Identifier: MIT */
#include "lib/net/dns_name.h"

#include "../../unit.h"

/* SPAN() is no constant, as a static table wants. */
#define BYTES(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
#define LABEL63 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LABEL61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
writes(void **state UNUSED)
{
	static const struct {
		const char *in;
		struct span want; /* empty: refused */
	} cases[] = {
	    {"example.org", BYTES("\7example\3org\0")},
	    {"example.org.", BYTES("\7example\3org\0")},
	    {"a", BYTES("\1a\0")},
	    {".", BYTES("\0")},
	    {"", {0}},
	    {"..", {0}},
	    {".a", {0}},
	    {"a..b", {0}},
	    {"a..", {0}},
	    {LABEL63, BYTES("\77" LABEL63 "\0")},
	    {"a" LABEL63, {0}},
	    {LABEL63 "." LABEL63 "." LABEL63 "." LABEL61,
		BYTES("\77" LABEL63 "\77" LABEL63 "\77" LABEL63 "\75" LABEL61
		      "\0")},
	    {LABEL63 "." LABEL63 "." LABEL63 "." LABEL61 "a", {0}},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf out;
		bool written;

		buf_init(&out, 300);
		written = dns_name_write(&out, span_text(cases[i].in));
		if (written != (cases[i].want.len > 0))
			fail_msg("%s", cases[i].in);
		if (written)
			assert_true(span_equal(buf_span(&out), cases[i].want));
		buf_finish(&out);
	}
}

static void
reads(void **state UNUSED)
{
	static const struct {
		struct span message;
		size_t position;
		const char *want; /* NULL: malformed */
		size_t end;
		bool odd;
	} cases[] = {
	    {BYTES("\7example\3org\0"), 0, "example.org", 13, false},
	    {BYTES("\0"), 0, "", 1, false},
	    {BYTES("\3org\0\7example\xc0\0"), 5, "example.org", 15, false},
	    {BYTES("\3org\0\7example\xc0\0\3www\xc0\5"), 15, "www.example.org",
		21, false},
	    {BYTES("\3org\0\xc0\0"), 5, "org", 7, false},
	    {BYTES("\3a.b\0"), 0, "a?b", 5, true},
	    {BYTES("\2a\n\0"), 0, "a?", 4, true},
	    {BYTES("\2a\\\0"), 0, "a?", 4, true},
	    {BYTES("\2\xc3\xa4\0"), 0, "??", 4, true},
	    /* Not whole. */
	    {BYTES(""), 0, NULL, 0, false},
	    {BYTES("\3or"), 0, NULL, 0, false},
	    {BYTES("\3org"), 0, NULL, 0, false},
	    {BYTES("\xc0"), 0, NULL, 0, false},
	    /* Labels of no known kind. */
	    {BYTES("\x40\0"), 0, NULL, 0, false},
	    {BYTES("\x80\0"), 0, NULL, 0, false},
	    /* To itself, forwards, in a ring, out of the message. */
	    {BYTES("\xc0\0"), 0, NULL, 0, false},
	    {BYTES("\xc0\2\0"), 0, NULL, 0, false},
	    {BYTES("\1a\xc0\0"), 0, NULL, 0, false},
	    {BYTES("\xc0\2\xc0\0"), 2, NULL, 0, false},
	    {BYTES("\1a\xc0\4\1b\xc0\0"), 4, NULL, 0, false},
	    {BYTES("\xff\xff\0"), 0, NULL, 0, false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct dns_name name;
		size_t position = cases[i].position;
		bool read = dns_name_read(cases[i].message, &position, &name);

		if (read != (cases[i].want != NULL))
			fail_msg("case %zu", i);
		if (!read)
			continue;
		assert_string_equal(name.text, cases[i].want);
		assert_int_equal(name.len, strlen(cases[i].want));
		assert_int_equal(position, cases[i].end);
		assert_int_equal(name.odd, cases[i].odd);
	}
}

/* As long as a name may be, and one byte more. */
static void
length_is_bounded(void **state UNUSED)
{
	static const char longest[] =
	    "\77" LABEL63 "\77" LABEL63 "\77" LABEL63 "\75" LABEL61;
	static const char longer[] =
	    "\77" LABEL63 "\77" LABEL63 "\77" LABEL63 "\76" LABEL61 "a";
	struct dns_name name;
	size_t position = 0;

	assert_true(
	    dns_name_read(span_of(longest, sizeof longest), &position, &name));
	assert_int_equal(name.len, DNS_NAME_MAXIMUM);
	assert_int_equal(position, sizeof longest);
	position = 0;
	assert_false(
	    dns_name_read(span_of(longer, sizeof longer), &position, &name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes),
	    cmocka_unit_test(reads),
	    cmocka_unit_test(length_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
