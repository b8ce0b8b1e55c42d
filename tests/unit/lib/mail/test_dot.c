/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"
#include "lib/mail/content.h"
#include "lib/mail/dot.h"

#include "../../unit.h"

enum {
	MAXIMUM = 1 << 16
};

static bool
collect(void *owner, struct span run)
{
	assert_int_not_equal(run.len, 0);
	return buf_append_span(owner, run);
}

static const struct {
	const char *content;
	uint64_t line_maximum;
	const char *wire; /* without the final ".CRLF" */
} cases[] = {
    {"", 0, ""},
    {"a\r\n", 0, "a\r\n"},
    {"a: b\r\n\r\ntext\r\n", 0, "a: b\r\n\r\ntext\r\n"},
    {".\r\n", 0, "..\r\n"},
    {"..\r\n.a\r\nb.\r\n\r\n.", 0, "...\r\n..a\r\nb.\r\n\r\n..\r\n"},
    {"no end", 0, "no end\r\n"},
    /* bare bytes never leave, dots behind them are stuffed */
    {"a\n.\nb\r\n", 0, "a\r\n..\r\nb\r\n"},
    {"a\r.\rb\r\n", 0, "a . b\r\n"},
    {"a\r\r\n", 0, "a \r\n"},
    {"a\r", 0, "a \r\n"},
    {"\r", 0, " \r\n"},
    {"\n", 0, "\r\n"},
    {".\r", 0, ".. \r\n"},
    /* long lines */
    {"123456\r\n", 6, "123456\r\n"},
    {"1234567\r\n", 6, "123456\r\n 7\r\n"},
    {"1234567890123\r\nab\r\n", 6, "123456\r\n 78901\r\n 23\r\nab\r\n"},
    {".234567\r\n.\r\n", 6, "..23456\r\n 7\r\n..\r\n"},
    {"1234567\n8", 6, "123456\r\n 7\r\n8\r\n"},
    {"1234567", 2, "12\r\n 3\r\n 4\r\n 5\r\n 6\r\n 7\r\n"},
};

static void
run_case(size_t i, size_t step)
{
	struct span rest = span_text(cases[i].content);
	struct buf wire;
	struct dot dot;

	buf_init(&wire, MAXIMUM);
	dot_init(&dot, cases[i].line_maximum, collect, &wire);
	for (; rest.len > 0; rest = span_skip(rest, step)) {
		struct span piece = span_head(rest, step);
		char *copy = malloc(piece.len);

		assert_non_null(copy);
		memcpy(copy, piece.at, piece.len);
		assert_true(dot_feed(&dot, span_of(copy, piece.len)));
		free(copy);
	}
	assert_true(dot_finish_line(&dot));
	assert_span(buf_span(&wire), cases[i].wire);
	buf_clear(&wire);
	assert_true(dot_finish(&dot));
	assert_span(buf_span(&wire), ".\r\n");
	buf_finish(&wire);
}

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t step = 1; step < 20; step++)
			run_case(i, step);
}

static bool
collect_stored(void *owner, enum content_part part UNUSED, struct span run)
{
	return buf_append_span(owner, run);
}

/* SEC-09: whatever is stored comes out so that a strict reader finds the same
 * content and one end of data, at the end. */
static void
check_round_trip(struct span text)
{
	struct buf stored;
	struct buf wire;
	struct buf again;
	struct content content;
	struct dot dot;

	buf_init(&stored, MAXIMUM);
	buf_init(&wire, MAXIMUM);
	buf_init(&again, MAXIMUM);
	content_init(&content,
	    &(struct content_options){.mode = CONTENT_CHUNKS,
		.bare = CONTENT_BARE_NORMALIZE,
		.sink = collect_stored,
		.owner = &stored});
	content_feed(&content, text);
	content_finish(&content);
	dot_init(&dot, 0, collect, &wire);
	assert_true(dot_feed(&dot, buf_span(&stored)));
	assert_true(dot_finish(&dot));
	content_init(&content,
	    &(struct content_options){.mode = CONTENT_DATA,
		.bare = CONTENT_BARE_REJECT,
		.sink = collect_stored,
		.owner = &again});
	assert_int_equal(content_feed(&content, buf_span(&wire)), wire.len);
	assert_true(content.has_ended);
	assert_int_equal(content.fault, CONTENT_GOOD);
	assert_true(span_equal(buf_span(&again), buf_span(&stored)));
	buf_finish(&stored);
	buf_finish(&wire);
	buf_finish(&again);
}

static void
test_all_short_texts_come_back(void **state UNUSED)
{
	static const char alphabet[] = {'\r', '\n', '.', 'x'};

	for (size_t len = 0; len <= 6; len++) {
		for (unsigned n = 0; n < 1u << (2 * len); n++) {
			char text[8];

			for (size_t i = 0; i < len; i++)
				text[i] = alphabet[n >> 2 * i & 3];
			check_round_trip(span_of(text, len));
		}
	}
}

static bool
refuse(void *owner, struct span run UNUSED)
{
	unsigned *calls = owner;

	++*calls;
	return false;
}

static void
test_sink_stops(void **state UNUSED)
{
	unsigned calls = 0;
	struct dot dot;

	dot_init(&dot, 0, refuse, &calls);
	assert_false(dot_feed(&dot, SPAN(".a\r\n.b\r\n")));
	assert_int_equal(calls, 1);
	assert_false(dot_finish(&dot));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_all_short_texts_come_back),
	    cmocka_unit_test(test_sink_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
