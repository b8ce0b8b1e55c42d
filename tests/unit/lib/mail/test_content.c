/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"
#include "lib/mail/content.h"

#include "../../unit.h"

enum {
	MAXIMUM = 1 << 20
};

#define REJECT    CONTENT_BARE_REJECT
#define NORMALIZE CONTENT_BARE_NORMALIZE

/* What one run of the lexer gave. */
struct outcome {
	struct content content;
	struct buf stored[2]; /* by enum content_part */
	size_t used;
};

static bool
collect(void *owner, enum content_part part, struct span run)
{
	struct outcome *outcome = owner;

	assert_int_not_equal(run.len, 0);
	return buf_append_span(&outcome->stored[part], run);
}

static void
begin(struct outcome *outcome, enum content_mode mode, enum content_bare bare,
    uint64_t maximum)
{
	const struct content_options options = {
	    .mode = mode,
	    .bare = bare,
	    .maximum = maximum,
	    .sink = collect,
	    .owner = outcome,
	};

	content_init(&outcome->content, &options);
	buf_init(&outcome->stored[CONTENT_HEADER], MAXIMUM);
	buf_init(&outcome->stored[CONTENT_BODY], MAXIMUM);
	outcome->used = 0;
}

static void
end(struct outcome *outcome)
{
	buf_finish(&outcome->stored[CONTENT_HEADER]);
	buf_finish(&outcome->stored[CONTENT_BODY]);
}

/* Feeds `input` in pieces of `step` bytes, each in memory of its own, so that
 * no byte is looked at beyond its piece. */
static void
feed(struct outcome *outcome, struct span input, size_t step)
{
	while (input.len > 0 && !outcome->content.has_ended) {
		struct span piece = span_head(input, step);
		char *copy = malloc(piece.len);
		size_t used;

		assert_non_null(copy);
		memcpy(copy, piece.at, piece.len);
		used =
		    content_feed(&outcome->content, span_of(copy, piece.len));
		free(copy);
		assert_true(used == piece.len || outcome->content.has_ended);
		outcome->used += used;
		input = span_skip(input, used);
	}
	assert_int_equal(outcome->content.received, outcome->used);
	content_finish(&outcome->content);
}

/* `left` is what stays unread; NULL: the end of data was not found. */
static const struct {
	enum content_mode mode;
	enum content_bare bare;
	const char *input;
	const char *header;
	const char *body;
	const char *left;
	enum content_fault fault;
} cases[] = {
    /* DATA */
    {CONTENT_DATA, REJECT, ".\r\n", "", "", "", CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "A: b\r\n\r\ntext\r\n.\r\nQUIT\r\n", "A: b\r\n",
	"\r\ntext\r\n", "QUIT\r\n", CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "A: b\r\n.\r\n", "A: b\r\n", "", "", CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "\r\ntext\r\n.\r\n", "", "\r\ntext\r\n", "",
	CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "A: b\r\n\r\n.\r\n", "A: b\r\n", "\r\n", "",
	CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "\r\n..\r\n..a\r\n.b\r\na.\r\n.\r\n", "",
	"\r\n.\r\n.a\r\nb\r\na.\r\n", "", CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "a\r\n\r\n\r\n\r\n.\r\n.\r\n", "a\r\n",
	"\r\n\r\n\r\n", ".\r\n", CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "a\r\n.", "a\r\n", "", NULL, CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "a\r\n.\r", "a\r\n", "", NULL, CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "abc", "abc", "", NULL, CONTENT_GOOD},
    /* only CRLF.CRLF ends, whatever the policy (ATK 3) */
    {CONTENT_DATA, NORMALIZE, "a\n.\nb\r\n.\r\n", "a\r\n", "\r\nb\r\n", "",
	CONTENT_GOOD},
    {CONTENT_DATA, NORMALIZE, "a\n.\r\nb\r\n.\r\n", "a\r\n", "\r\nb\r\n", "",
	CONTENT_GOOD},
    {CONTENT_DATA, NORMALIZE, "a\r\n.\nb\r\n.\r\n", "a\r\n", "\r\nb\r\n", "",
	CONTENT_GOOD},
    {CONTENT_DATA, NORMALIZE, "a\r.\rb\r\n.\r\n", "a . b\r\n", "", "",
	CONTENT_GOOD},
    {CONTENT_DATA, NORMALIZE, "a\r\n.\r.\r\n.\r\n", "a\r\n .\r\n", "", "",
	CONTENT_GOOD},
    {CONTENT_DATA, NORMALIZE, "a\r\r\n.\r\nX", "a \r\n", "", "X", CONTENT_GOOD},
    {CONTENT_DATA, NORMALIZE, "a\r\n.\r\r\n.\r\n", "a\r\n \r\n", "", "",
	CONTENT_GOOD},
    {CONTENT_DATA, NORMALIZE, "a\n..b\r\n.\r\n", "a\r\n.b\r\n", "", "",
	CONTENT_GOOD},
    {CONTENT_DATA, NORMALIZE, "a: b\n\nc\n.\r\n\r\n.\r\n", "a: b\r\n",
	"\r\nc\r\n\r\n\r\n", "", CONTENT_GOOD},
    {CONTENT_DATA, NORMALIZE, "S: x\rBcc: y\r\n.\r\n", "S: x Bcc: y\r\n", "",
	"", CONTENT_GOOD},
    {CONTENT_DATA, REJECT, "a\r\nb\nc\r\n.\r\nQ", "a\r\nb", "", "Q",
	CONTENT_BARE},
    {CONTENT_DATA, REJECT, "a\r\nb\rc\r\n.\r\nQ", "a\r\nb", "", "Q",
	CONTENT_BARE},
    {CONTENT_DATA, REJECT, "a\n.\r\nb\r\n.\r\nQ", "a", "", "Q", CONTENT_BARE},
    {CONTENT_DATA, REJECT, ".\r.\r\n.\r\n", "", "", "", CONTENT_BARE},
    /* BDAT: dots mean nothing, the end is the caller's */
    {CONTENT_CHUNKS, REJECT, "a\r\n\r\n.\r\n..b\r\n", "a\r\n",
	"\r\n.\r\n..b\r\n", "", CONTENT_GOOD},
    {CONTENT_CHUNKS, REJECT, "a\r\n\r\nb", "a\r\n", "\r\nb\r\n", "",
	CONTENT_GOOD},
    {CONTENT_CHUNKS, REJECT, "", "", "", "", CONTENT_GOOD},
    {CONTENT_CHUNKS, REJECT, "a\nb\r\n", "a", "", "", CONTENT_BARE},
    {CONTENT_CHUNKS, NORMALIZE, "a\r\nb\r", "a\r\nb \r\n", "", "",
	CONTENT_GOOD},
    {CONTENT_CHUNKS, NORMALIZE, "a\nb", "a\r\nb\r\n", "", "", CONTENT_GOOD},
    /* local mail */
    {CONTENT_LOCAL, REJECT, "a: b\n\ntext\n.\n", "a: b\r\n",
	"\r\ntext\r\n.\r\n", "", CONTENT_GOOD},
    {CONTENT_LOCAL, REJECT, "a: b\r\n\r\n..text", "a: b\r\n", "\r\n..text\r\n",
	"", CONTENT_GOOD},
    {CONTENT_LOCAL, REJECT, "a\rb\n", "a b\r\n", "", "", CONTENT_GOOD},
    {CONTENT_LOCAL_DOT, REJECT, "a\n.\nrest", "a\r\n", "", "rest",
	CONTENT_GOOD},
    {CONTENT_LOCAL_DOT, REJECT, "a\n.\r\nrest", "a\r\n", "", "rest",
	CONTENT_GOOD},
    {CONTENT_LOCAL_DOT, REJECT, "..\n.b\n.", "..\r\n.b\r\n", "", "",
	CONTENT_GOOD},
    {CONTENT_LOCAL_DOT, REJECT, ".\rb\n", ". b\r\n", "", "", CONTENT_GOOD},
    {CONTENT_LOCAL_DOT, REJECT, "a\n.\r", "a\r\n", "", "", CONTENT_GOOD},
};

static void
check_case(size_t i, size_t step)
{
	struct span input = span_text(cases[i].input);
	struct outcome outcome;

	begin(&outcome, cases[i].mode, cases[i].bare, 0);
	feed(&outcome, input, step);
	assert_span(buf_span(&outcome.stored[CONTENT_HEADER]), cases[i].header);
	assert_span(buf_span(&outcome.stored[CONTENT_BODY]), cases[i].body);
	assert_int_equal(outcome.content.has_ended, cases[i].left != NULL);
	if (cases[i].left != NULL)
		assert_span(span_skip(input, outcome.used), cases[i].left);
	assert_int_equal(outcome.content.fault, cases[i].fault);
	assert_int_equal(content_size(&outcome.content),
	    strlen(cases[i].header) + strlen(cases[i].body));
	end(&outcome);
}

/* With REJECT the piece in which the bare byte is found decides what still went
 * out before it; only the fault and the end are told then. */
static void
check_fault(size_t i, size_t step)
{
	struct span input = span_text(cases[i].input);
	struct outcome outcome;

	begin(&outcome, cases[i].mode, cases[i].bare, 0);
	feed(&outcome, input, step);
	assert_span(span_skip(input, outcome.used), cases[i].left);
	assert_int_equal(outcome.content.fault, cases[i].fault);
	end(&outcome);
}

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t step = 1; step < 20; step++) {
			if (cases[i].fault == CONTENT_GOOD)
				check_case(i, step);
			else
				check_fault(i, step);
		}
}

/* The specification in as few lines as it takes: the content is what stands
 * before the first CRLF.CRLF; dots at line starts go, line ends become CRLF,
 * other CRs blanks. `input` starts with the CRLF of the DATA command. */
static size_t
reference(struct span input, char *stored)
{
	size_t len = 0;
	bool at_start = true;
	size_t stop = span_find_span(input, SPAN("\r\n.\r\n")) + 2;

	for (size_t i = 2; i < stop; i++) {
		char byte = input.at[i];

		if (at_start && byte == '.') {
			at_start = false;
			continue;
		}
		at_start = byte == '\n';
		if (byte == '\r' && input.at[i + 1] == '\n')
			continue;
		if (byte == '\n')
			stored[len++] = '\r';
		stored[len++] = byte == '\r' ? ' ' : byte;
	}
	return len;
}

static void
compare_with_reference(struct span input, size_t step)
{
	char want[64];
	struct outcome outcome;
	struct buf *stored = outcome.stored;
	size_t len = reference(input, want);
	size_t end_at = span_find_span(input, SPAN("\r\n.\r\n")) + 5;
	struct span data = span_skip(input, 2);

	begin(&outcome, CONTENT_DATA, NORMALIZE, 0);
	feed(&outcome, data, step);
	assert_true(outcome.content.has_ended);
	assert_int_equal(outcome.used, end_at - 2);
	assert_int_equal(content_size(&outcome.content), len);
	assert_true(buf_append_span(
	    &stored[CONTENT_HEADER], buf_span(&stored[CONTENT_BODY])));
	assert_true(
	    span_equal(buf_span(&stored[CONTENT_HEADER]), span_of(want, len)));
	assert_false(outcome.content.header.bare);
	assert_false(outcome.content.body.bare);
	end(&outcome);
}

/* SEC-08: every text of up to seven bytes out of four. */
static void
test_all_short_texts(void **state UNUSED)
{
	static const char alphabet[] = {'\r', '\n', '.', 'x'};

	for (size_t len = 0; len <= 7; len++) {
		for (unsigned n = 0; n < 1u << (2 * len); n++) {
			char text[32] = "\r\n";
			size_t end_at = 2;

			for (size_t i = 0; i < len; i++)
				text[end_at++] = alphabet[n >> 2 * i & 3];
			memcpy(text + end_at, "\r\n.\r\n", 5);
			compare_with_reference(
			    span_of(text, end_at + 5), 1 + n % 7);
		}
	}
}

static void
test_measures(void **state UNUSED)
{
	struct outcome outcome;
	struct content *content = &outcome.content;

	begin(&outcome, CONTENT_DATA, NORMALIZE, 0);
	feed(&outcome,
	    SPAN("Subject: x\r\nA: \xe9\r\n\r\n..dot\r\nlong line here\r\n"
		 "nul \0\r\n.\r\n"),
	    7);
	assert_int_equal(content->header.lines, 2);
	assert_int_equal(content->header.longest_line, 10);
	assert_true(content->header.eight_bit);
	assert_false(content->header.leading_dot);
	assert_int_equal(content->body.lines, 4);
	assert_int_equal(content->body.longest_line, 14);
	assert_false(content->body.eight_bit);
	assert_true(content->body.nul);
	assert_true(content->body.leading_dot);
	assert_false(content->bare_lf);
	assert_false(content->bare_cr);
	assert_false(content->final_crlf_added);
	end(&outcome);
}

static void
test_bare_bytes_are_told(void **state UNUSED)
{
	struct outcome outcome;

	begin(&outcome, CONTENT_DATA, NORMALIZE, 0);
	feed(&outcome, SPAN("a\nb\r\n.\r\n"), 100);
	assert_true(outcome.content.bare_lf);
	assert_false(outcome.content.bare_cr);
	end(&outcome);
	begin(&outcome, CONTENT_DATA, NORMALIZE, 0);
	feed(&outcome, SPAN("a\rb\r\n.\r\n"), 100);
	assert_false(outcome.content.bare_lf);
	assert_true(outcome.content.bare_cr);
	end(&outcome);
	begin(&outcome, CONTENT_LOCAL, REJECT, 0);
	feed(&outcome, SPAN("a\nb"), 100);
	assert_false(outcome.content.bare_lf);
	assert_true(outcome.content.final_crlf_added);
	end(&outcome);
}

static void
test_maximum(void **state UNUSED)
{
	struct span data = SPAN("12345\r\n12345\r\n.\r\nQUIT");
	struct outcome outcome;

	begin(&outcome, CONTENT_DATA, NORMALIZE, 14);
	feed(&outcome, data, 3);
	assert_int_equal(outcome.content.fault, CONTENT_GOOD);
	end(&outcome);
	begin(&outcome, CONTENT_DATA, NORMALIZE, 13);
	feed(&outcome, data, 3);
	assert_int_equal(outcome.content.fault, CONTENT_TOO_LARGE);
	assert_true(outcome.content.has_ended);
	assert_span(span_skip(data, outcome.used), "QUIT");
	assert_true(content_size(&outcome.content) <= 13);
	assert_int_equal(
	    content_size(&outcome.content) + outcome.content.discarded, 14);
	end(&outcome);
}

static bool
refuse(void *owner, enum content_part part UNUSED, struct span run UNUSED)
{
	unsigned *calls = owner;

	++*calls;
	return false;
}

static void
test_sink_that_fails_is_left_alone(void **state UNUSED)
{
	unsigned calls = 0;
	const struct content_options options = {
	    .sink = refuse, .owner = &calls};
	struct content content;
	struct span data = SPAN("a\r\n..b\r\n..c\r\n.\r\n");

	content_init(&content, &options);
	assert_int_equal(content_feed(&content, data), data.len);
	assert_int_equal(calls, 1);
	assert_int_equal(content.fault, CONTENT_SINK);
	assert_true(content.has_ended);
}

/* A text of nothing but bare CRs must cost no more than any other. */
static void
test_many_bare_crs(void **state UNUSED)
{
	enum {
		COUNT = 500000
	};

	char *text = malloc(COUNT);
	struct outcome outcome;

	assert_non_null(text);
	memset(text, '\r', COUNT);
	begin(&outcome, CONTENT_DATA, NORMALIZE, 0);
	assert_int_equal(
	    content_feed(&outcome.content, span_of(text, COUNT)), COUNT);
	assert_int_equal(content_size(&outcome.content), COUNT - 1);
	end(&outcome);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_all_short_texts),
	    cmocka_unit_test(test_measures),
	    cmocka_unit_test(test_bare_bytes_are_told),
	    cmocka_unit_test(test_maximum),
	    cmocka_unit_test(test_sink_that_fails_is_left_alone),
	    cmocka_unit_test(test_many_bare_crs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
