/* SPDX-License-Identifier: MIT */
#include "lib/mail/header.h"

#include "../../unit.h"

/* "name|value|length;" of each field. */
static const struct {
	const char *block;
	const char *want;
} blocks[] = {
    {"", ""},
    {"A: b\r\n", "A|b|6;"},
    {"A: b\r\nLong-Name:c \r\n", "A|b|6;Long-Name|c|14;"},
    {"A: b\r\n c\r\n\td\r\nE: f\r\n", "A|b\r\n c\r\n\td|14;E|f|6;"},
    {"A:\r\n b\r\n", "A|b|8;"},
    {"A:\r\n", "A||4;"},
    {"A : b\r\n", "A|b|7;"},
    {"A: b\nC: d\n", "A|b|5;C|d|5;"},
    {"A: b", "A|b|4;"},
    {"no field\r\nA: b\r\n", "||10;A|b|6;"},
    {": x\r\n", "||5;"},
    {"From user Sun Nov 22 11:00:09 2026\r\n", "||36;"},
    {" starts folded: x\r\nA: b\r\n", "||19;A|b|6;"},
    {"A\x7f: b\r\n", "||7;"},
    {"\xc3\xbc: b\r\n", "||7;"},
    {"A: b\rBcc: c\r\n", "A|b\rBcc: c|13;"},
    {"\r\nA: b\r\n", "||2;A|b|6;"},
};

static void
test_walk(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(blocks); i++) {
		struct span rest = span_text(blocks[i].block);
		struct header_field field;
		struct buf out;

		buf_init(&out, 1000);
		while (header_next(&rest, &field))
			buf_printf(&out, "%.*s|%.*s|%zu;",
			    SPAN_ARGS(field.name), SPAN_ARGS(field.value),
			    field.whole.len);
		assert_span(buf_span(&out), blocks[i].want);
		buf_finish(&out);
	}
}

static void
test_find(void **state UNUSED)
{
	struct span block = SPAN("junk\r\nSubject: one\r\nsubject: two\r\n");
	struct header_field field;

	assert_true(header_find(block, SPAN("SUBJECT"), &field));
	assert_span(field.value, "one");
	assert_false(header_find(block, SPAN("Subj"), &field));
	assert_false(header_find(block, SPAN(""), &field));
}

static const struct {
	const char *text;
	size_t end;
	bool found;
} ends[] = {
    {"A: b\r\n\r\nbody", 6, true},
    {"A: b\r\n c\r\nD: e\r\n\r\n", 16, true},
    {"\r\nbody", 0, true},
    {"A: b\nC: d\n\nbody", 10, true},
    {"A: b\r\nthis is no field\r\n", 6, true},
    {"no field\r\n", 0, true},
    {" x: y\r\n", 0, true},
    {"A: b\r\n \r\nC: d\r\n\r\n", 15, true},
    {"A: b\r\n", 6, false},
    {"A: b\r\nC: d", 6, false},
    {"A: b", 0, false},
    {"", 0, false},
};

static void
test_end(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		struct span text = span_text(ends[i].text);
		size_t scanned = 0;
		bool found = false;

		for (size_t len = 0; len <= text.len && !found; len++)
			found = header_find_end(span_head(text, len), &scanned);
		assert_int_equal(found, ends[i].found);
		assert_int_equal(scanned, ends[i].end);
	}
}

static const struct {
	const char *value;
	const char *want;
} foldings[] = {
    {"", ""},
    {"plain", "plain"},
    {"a\r\n b", "a b"},
    {"a\r\n\tb\n c", "a\tb c"},
    {"a\rb", "a\rb"},
    {"a\r\r\n b", "a\r b"},
    {"a\r\n", "a"},
    {"a\r", "a\r"},
};

static void
test_unfold(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(foldings); i++) {
		struct buf out;

		buf_init(&out, 100);
		assert_true(header_unfold(&out, span_text(foldings[i].value)));
		assert_span(buf_span(&out), foldings[i].want);
		buf_finish(&out);
	}
}

static void
test_write(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 1000);
	header_open(&out, "Received");
	header_printf(&out, "from %s", "a\r\nBcc: b");
	header_fold(&out);
	header_add(&out, SPAN("by caf\xc3\xa9; \xff"));
	header_close(&out);
	header_append(&out, "To", SPAN("x\ny"));
	assert_span(buf_span(&out),
	    "Received: from a??Bcc: b\r\n\tby caf??; ?\r\nTo: x?y\r\n");
	assert_false(out.overflowed);
	buf_finish(&out);
}

static void
test_write_respects_maximum(void **state UNUSED)
{
	struct buf out;

	buf_init(&out, 10);
	header_append(&out, "Subject", SPAN("longer than that"));
	assert_true(out.overflowed);
	buf_finish(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_unfold),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_write_respects_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
