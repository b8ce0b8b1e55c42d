/* SPDX-License-Identifier: MIT */
/* SEC-09: every text over {CR, LF, '.', x} up to some length comes in by DATA
 * and by BDAT, is stored, leaves, and is read by servers that have other ideas
 * of what ends a line. Each of them sees one message, and the same one, or
 * there is none because it was refused.
 *
 *   lib-mail-test_smuggling [LENGTH]      9 unless told; 12 takes minutes */
#include "lib/base/number.h"
#include "lib/mail/content.h"
#include "lib/mail/dot.h"

#include "../../unit.h"

enum {
	LENGTH_MAXIMUM = 14,
	/* Each byte may become three: a dot that is stuffed behind CRLF. */
	TEXT_SIZE = 4 * LENGTH_MAXIMUM + 32
};

static unsigned length = 9;

struct text {
	char bytes[TEXT_SIZE];
	size_t len;
};

static void
add(struct text *text, struct span run)
{
	assert_true(run.len <= TEXT_SIZE - text->len);
	memcpy(text->bytes + text->len, run.at, run.len);
	text->len += run.len;
}

static struct span
whole(const struct text *text)
{
	return span_of(text->bytes, text->len);
}

/* ---- the reference: what should be stored ---- */

/* The end of data, by its definition; where there is none, the end. */
static struct span
before_end_of_data(struct span input)
{
	if (span_starts(input, SPAN(".\r\n")))
		return SPAN_EMPTY;
	for (size_t i = 0; i < input.len; i++)
		if (span_starts(span_skip(input, i), SPAN("\r\n.\r\n")))
			return span_head(input, i + 2);
	return input;
}

static bool
has_bare(struct span input)
{
	for (size_t i = 0; i < input.len; i++) {
		bool is_lf = input.at[i] == '\n';
		bool is_cr = input.at[i] == '\r';

		if (is_lf && (i == 0 || input.at[i - 1] != '\r'))
			return true;
		if (is_cr && (i + 1 == input.len || input.at[i + 1] != '\n'))
			return true;
	}
	return false;
}

/* Ends lines with CRLF, makes blanks of CRs, and takes dots away. */
static void
normalise(struct span input, bool has_dots, struct text *stored)
{
	bool at_start = true;

	for (size_t i = 0; i < input.len; i++) {
		bool is_dot = input.at[i] == '.' && at_start && has_dots;
		bool is_pair = span_starts(span_skip(input, i), SPAN("\r\n"));

		at_start = is_pair || input.at[i] == '\n';
		if (at_start)
			add(stored, SPAN("\r\n"));
		else if (input.at[i] == '\r')
			add(stored, SPAN(" "));
		else if (!is_dot)
			add(stored, span_of(&input.at[i], 1));
		i += is_pair;
	}
	if (stored->len > 0 && !span_ends(whole(stored), SPAN("\r\n")))
		add(stored, SPAN("\r\n"));
}

/* ---- other servers ---- */

/* What ends a line for it, besides CRLF. */
enum reader {
	READER_STRICT,
	READER_LF,
	READER_CR,
	READER_BOTH,
	READER_COUNT
};

/* The length of the line end at the front of `rest`, or 0. */
static size_t
line_end(enum reader reader, struct span rest)
{
	if (span_starts(rest, SPAN("\r\n")))
		return 2;
	if (rest.at[0] == '\n')
		return reader == READER_LF || reader == READER_BOTH;
	return rest.at[0] == '\r' && (reader & READER_CR) != 0;
}

/* Reads what follows DATA; returns how many bytes belong to the message, or 0
 * when its end did not come. */
static size_t
read_message(enum reader reader, struct span wire, struct text *message)
{
	size_t start = 0;
	size_t i = 0;

	while (i < wire.len) {
		struct span line = span_of(&wire.at[start], i - start);
		size_t len = line_end(reader, span_skip(wire, i));

		if (len == 0) {
			i++;
			continue;
		}
		i += len;
		start = i;
		if (span_equal(line, SPAN(".")))
			return i;
		add(message, span_skip(line, span_starts(line, SPAN("."))));
		add(message, SPAN("\r\n"));
	}
	return 0;
}

/* ---- ours, between the two ---- */

static bool
store(void *owner, enum content_part part UNUSED, struct span run)
{
	add(owner, run);
	return true;
}

static bool
leave(void *owner, struct span run)
{
	add(owner, run);
	return true;
}

/* How it comes in. */
struct way {
	enum content_mode mode;
	enum content_bare bare;
	size_t step; /* bytes of each piece */
};

static void
take_in(const struct way *way, struct span input, struct content *content,
    struct text *stored)
{
	const struct content_options options = {.mode = way->mode,
	    .bare = way->bare,
	    .sink = store,
	    .owner = stored};
	size_t used = 0;

	content_init(content, &options);
	while (used < input.len && !content->has_ended)
		used += content_feed(
		    content, span_head(span_skip(input, used), way->step));
	content_finish(content);
	assert_true(content->has_ended);
}

static void
send_out(struct span stored, size_t step, struct text *wire)
{
	struct dot dot;

	dot_init(&dot, 0, leave, wire);
	for (size_t i = 0; i < stored.len; i += step)
		assert_true(
		    dot_feed(&dot, span_head(span_skip(stored, i), step)));
	assert_true(dot_finish(&dot));
}

static void
check_readers(struct span wire, struct span stored)
{
	for (enum reader reader = 0; reader < READER_COUNT; reader++) {
		struct text message = {.len = 0};

		assert_int_equal(
		    read_message(reader, wire, &message), wire.len);
		assert_true(span_equal(whole(&message), stored));
	}
}

static void
check_text(const struct way *way, struct span text)
{
	bool is_data = way->mode == CONTENT_DATA;
	struct text input = {.len = 0};
	struct text want = {.len = 0};
	struct text stored = {.len = 0};
	struct text wire = {.len = 0};
	struct content content;
	struct span meant;

	add(&input, text);
	if (is_data)
		add(&input, SPAN("\r\n.\r\n"));
	meant = is_data ? before_end_of_data(whole(&input)) : text;
	take_in(way, whole(&input), &content, &stored);
	assert_int_equal(content.received,
	    is_data ? meant.len + sizeof ".\r\n" - 1 : text.len);
	assert_int_equal(content.bare_lf || content.bare_cr, has_bare(meant));
	if (way->bare == CONTENT_BARE_REJECT && has_bare(meant)) {
		assert_int_equal(content.fault, CONTENT_BARE);
		return;
	}
	assert_int_equal(content.fault, CONTENT_GOOD);
	normalise(meant, is_data, &want);
	assert_true(span_equal(whole(&stored), whole(&want)));
	send_out(whole(&stored), way->step, &wire);
	check_readers(whole(&wire), whole(&stored));
}

static const struct way ways[] = {
    {CONTENT_DATA, CONTENT_BARE_REJECT, SIZE_MAX / 2},
    {CONTENT_DATA, CONTENT_BARE_NORMALIZE, SIZE_MAX / 2},
    {CONTENT_DATA, CONTENT_BARE_NORMALIZE, 1},
    {CONTENT_CHUNKS, CONTENT_BARE_REJECT, SIZE_MAX / 2},
    {CONTENT_CHUNKS, CONTENT_BARE_NORMALIZE, SIZE_MAX / 2},
    {CONTENT_CHUNKS, CONTENT_BARE_NORMALIZE, 1},
};

/* The digits of `number`, to the base of four. */
static struct span
spell(uint64_t number, unsigned count, char text[LENGTH_MAXIMUM])
{
	for (unsigned i = 0; i < count; i++)
		text[i] = "\r\n.x"[number >> (2 * i) & 3];
	return span_of(text, count);
}

static void
test_every_text(void **state UNUSED)
{
	uint64_t tried = 0;

	for (unsigned count = 0; count <= length; count++) {
		for (uint64_t k = 0; k < UINT64_C(1) << (2 * count); k++) {
			char text[LENGTH_MAXIMUM];
			struct span spelt = spell(k, count, text);

			for (size_t i = 0; i < COUNT_OF(ways); i++)
				check_text(&ways[i], spelt);
			tried++;
		}
	}
	print_message("%llu texts, %zu ways\n", (unsigned long long)tried,
	    COUNT_OF(ways));
}

/* The readers do tell: what they are to see as one message they may see as
 * two. */
static void
test_readers_differ(void **state UNUSED)
{
	static const struct {
		const char *wire;
		size_t ends[READER_COUNT];
	} cases[] = {
	    {"a\r\n.\r\n", {6, 6, 6, 6}},
	    {"a\n.\nb\r\n.\r\n", {10, 4, 10, 4}},
	    {"a\r.\rb\r\n.\r\n", {10, 10, 4, 4}},
	    {"a\r\n.\nb\r\n.\r\n", {11, 5, 11, 5}},
	    {"a\n.\r\nb\r\n.\r\n", {11, 5, 11, 5}},
	    {"a\r\n.", {0, 0, 0, 0}},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		for (enum reader reader = 0; reader < READER_COUNT; reader++) {
			struct text message = {.len = 0};

			assert_int_equal(
			    read_message(
				reader, span_text(cases[i].wire), &message),
			    cases[i].ends[reader]);
		}
	}
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_text),
	    cmocka_unit_test(test_readers_differ),
	};
	uint64_t wanted;

	if (argc > 1) {
		if (!number_parse(
			span_text(argv[1]), LENGTH_MAXIMUM, &wanted)) {
			fprintf(stderr, "usage: %s [LENGTH]\n", argv[0]);
			return 2;
		}
		length = (unsigned)wanted;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
