/* SPDX-License-Identifier: MIT */
#include "lib/mail/mime_walk.h"

#include "../../unit.h"

enum {
	MAXIMUM = 1 << 20,
	NESTING = 4,
	BOUNDARY = 40
};

/* A walk in words: h, e, b, f before the bytes of a run, where | is a line end,
 * {n kind encoding} at the end of a header, . at that of a body. */
struct story {
	struct buf text;
	int last;
};

static bool
tell_run(void *owner, enum mime_run kind, struct span bytes)
{
	static const char names[] = "hebf";
	struct story *story = owner;

	assert_int_not_equal(bytes.len, 0);
	if (story->last != (int)kind)
		buf_append_byte(&story->text, names[kind]);
	story->last = (int)kind;
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.at[i] == '\n')
			buf_append_byte(&story->text, '|');
		else if (bytes.at[i] != '\r')
			buf_append_byte(&story->text, bytes.at[i]);
	return true;
}

static bool
tell_header_end(void *owner, const struct mime_entity *entity)
{
	struct story *story = owner;

	buf_printf(&story->text, "{%u %d %d%s}", entity->number,
	    (int)entity->kind, (int)entity->encoding,
	    entity->ended_empty ? "" : " !");
	story->last = -1;
	return true;
}

static bool
tell_body_end(void *owner)
{
	struct story *story = owner;

	buf_append_byte(&story->text, '.');
	story->last = -1;
	return true;
}

#define MULTI(boundary) "Content-Type: multipart/mixed; boundary=" boundary "\n"
#define H_MULTI(boundary) \
	"hContent-Type: multipart/mixed; boundary=" boundary "|"

static const struct {
	const char *content; /* LF stands for CR LF */
	const char *story;
} cases[] = {
    {"", "{0 0 0 !}."},
    {"\n", "{0 0 0}f|."},
    {"a: b\n", "ha: b|{0 0 0 !}."},
    {"a: b\n\ntext\n", "ha: b|{0 0 0}f|btext|."},
    {"a: b\n\ntext", "ha: b|{0 0 0}f|btext."},
    {"a: b\n\n\n--b\n", "ha: b|{0 0 0}f|b|--b|."},
    {"no field\n", "{0 0 0 !}bno field|."},
    {" blank\n", "{0 0 0 !}b blank|."},
    {"a: b\nno field\n", "ha: b|{0 0 0 !}bno field|."},
    {"MIME-Version: 1.0\nContent-Transfer-Encoding:\n 8bit\nx: y\n\nt\n",
	"hMIME-Version: 1.0|eContent-Transfer-Encoding:| 8bit|hx: y|"
	"{0 0 2}f|bt|."},
    {"Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 8bit\n\n",
	"eContent-Transfer-Encoding: base64|Content-Transfer-Encoding: 8bit|"
	"{0 0 5}f|."},
    /* parts */
    {MULTI("b") "\npre\n--b\n\none\n--b\nx: y\n\ntwo\n\n--b--\nepi\n",
	H_MULTI("b") "{0 1 0}f|pre|--b|{1 0 0}f|bone.f|--b|hx: y|{2 0 0}f|"
		     "btwo|.f|--b--|epi|"},
    {MULTI("b") "\n--b\n--b\n\n--b--",
	H_MULTI("b") "{0 1 0}f|--b|{1 0 0 !}.f--b|{2 0 0}f|.f--b--"},
    {MULTI("b") "\n--b \t\n\n--bc\n--b-\n-\n--\n--b --\n",
	H_MULTI("b") "{0 1 0}f|--b \t|{1 0 0}f|b--bc|--b-|-|--|--b --|."},
    {MULTI("b") "--b\n\nx\n", H_MULTI("b") "{0 1 0 !}f--b|{1 0 0}f|bx|."},
    {MULTI("b") "\nno part\n", H_MULTI("b") "{0 1 0}f|no part|"},
    {MULTI("b"), H_MULTI("b") "{0 1 0 !}"},
    {"Content-Type: multipart/mixed\n\n--b\n",
	"hContent-Type: multipart/mixed|{0 0 0}f|b--b|."},
    /* a multipart that is encoded as a whole has no parts to be seen */
    {"Content-Transfer-Encoding: base64\n" MULTI("b") "\n--b\n\nx\n",
	"eContent-Transfer-Encoding: base64|" H_MULTI("b") "{0 0 5}f|"
							   "b--b||x|."},
    /* inner and outer boundaries */
    {MULTI("b") "\n--b\n" MULTI("bb") "\n--bb\n\nx\n--b\n\ny\n--bb\n--b--\n",
	H_MULTI("b") "{0 1 0}f|--b|" H_MULTI(
	    "bb") "{1 1 0}f|--bb|{2 0 0}f|"
		  "bx.f|--b|{3 0 0}f|by|--bb.f|--b--|"},
    {MULTI("b") "\n--b\n" MULTI("c") "--b\n\nx\n--b--\n",
	H_MULTI("b") "{0 1 0}f|--b|" H_MULTI("c") "{1 1 0 !}f--b|{2 0 0}f|"
						  "bx.f|--b--|"},
    /* messages */
    {"Content-Type: message/rfc822\n\na: b\n\nx\n",
	"hContent-Type: message/rfc822|{0 3 0}f|ha: b|{1 0 0}f|bx|."},
    {"Content-Type: message/rfc822\nno field\n",
	"hContent-Type: message/rfc822|{0 3 0 !}{1 0 0 !}bno field|."},
    {"Content-Type: multipart/digest; boundary=b\n\n--b\n\na: b\n\nx\n--b--\n",
	"hContent-Type: multipart/digest; boundary=b|{0 2 0}f|--b|{1 3 0}f|"
	"ha: b|{2 0 0}f|bx.f|--b--|"},
    {MULTI("b") "\n--b\nContent-Type: message/rfc822\n\n--b\n\nx\n",
	H_MULTI("b") "{0 1 0}f|--b|hContent-Type: message/rfc822|{1 3 0}f|"
		     "{2 0 0 !}.f--b|{3 0 0}f|bx|."},
    /* a boundary that is cut matches by its start */
    {MULTI(
	 "0123456789012345678901234567890123456789x") "\n--"
						      "012345678901234567890123"
						      "4567890123456789y\n\nx\n"
						      "--"
						      "012345678901234567890123"
						      "4567890123456789z--"
						      "\nend\n",
	H_MULTI("0123456789012345678901234567890123456789x") "{0 1 "
							     "0}f|--"
							     "01234567890123456"
							     "78901234567890123"
							     "456789y|{1 0 0}f|"
							     "bx.f|--"
							     "01234567890123456"
							     "78901234567890123"
							     "456789z--|end|"},
    /* lines of any length */
    {"a: 0123456789012345678901234567890123456789012345678901234567890123456789"
     "0123456789012345678901234567890123456789012345678901234567890123456789"
     "\n" MULTI("b") "\n--b\n\nx\n",
	"ha: 0123456789012345678901234567890123456789012345678901234567890123"
	"4567890123456789012345678901234567890123456789012345678901234567890123"
	"456789|Content-Type: multipart/mixed; boundary=b|{0 1 0}f|--b|"
	"{1 0 0}f|bx|."},
};

/* Copies with CR LF for LF. */
static void
append_content(struct buf *content, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_append_byte(content, '\r');
		buf_append_byte(content, *text);
	}
}

static bool
walk_content(struct span content, size_t step, struct story *story)
{
	static const struct mime_limits limits = {NESTING, BOUNDARY};
	const struct mime_events events = {
	    tell_run, tell_header_end, tell_body_end, story};
	struct mime_walk *walk = malloc(sizeof *walk);
	bool good = true;

	assert_non_null(walk);
	story->last = -1;
	mime_walk_init(walk, &limits, &events);
	for (; content.len > 0 && good; content = span_skip(content, step)) {
		/* A copy, so that no read goes beyond the piece. */
		struct span piece = span_head(content, step);
		char *copy = malloc(piece.len);

		assert_non_null(copy);
		span_copy(copy, piece);
		good = mime_walk_feed(walk, span_of(copy, piece.len));
		free(copy);
	}
	good = good && mime_walk_end(walk);
	assert_int_equal(!good, walk->is_too_deep);
	mime_walk_finish(walk);
	free(walk);
	return good;
}

static void
test_cases(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf content;

		buf_init(&content, MAXIMUM);
		append_content(&content, cases[i].content);
		for (size_t step = 1; step <= content.len + 1; step++) {
			struct story story;

			buf_init(&story.text, MAXIMUM);
			assert_true(
			    walk_content(buf_span(&content), step, &story));
			assert_span(buf_span(&story.text), cases[i].story);
			buf_finish(&story.text);
		}
		buf_finish(&content);
	}
}

/* Deeper than allowed, by messages and by parts. */
static void
test_nesting(void **state UNUSED)
{
	static const char *const levels[] = {
	    "Content-Type: message/rfc822\r\n\r\n",
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"};

	for (size_t i = 0; i < COUNT_OF(levels); i++)
		for (size_t depth = 1; depth <= NESTING + 2; depth++) {
			struct story story;
			struct buf content;

			buf_init(&story.text, MAXIMUM);
			buf_init(&content, MAXIMUM);
			for (size_t n = 0; n < depth; n++)
				buf_append_text(&content, levels[i]);
			assert_int_equal(
			    walk_content(buf_span(&content), MAXIMUM, &story),
			    depth <= NESTING);
			buf_finish(&content);
			buf_finish(&story.text);
		}
}

static bool
refuse_run(void *owner, enum mime_run kind UNUSED, struct span bytes UNUSED)
{
	return --*(int *)owner > 0;
}

static bool
pass_header_end(void *owner UNUSED, const struct mime_entity *entity UNUSED)
{
	return true;
}

static bool
pass_body_end(void *owner UNUSED)
{
	return true;
}

static void
test_stops(void **state UNUSED)
{
	static const struct mime_limits limits = {NESTING, BOUNDARY};

	/* There are four runs: header, empty line, text, its end. */
	for (int runs = 1; runs < 7; runs++) {
		struct mime_walk *walk = malloc(sizeof *walk);
		int left = runs;
		const struct mime_events events = {
		    refuse_run, pass_header_end, pass_body_end, &left};
		bool good;

		assert_non_null(walk);
		mime_walk_init(walk, &limits, &events);
		good = mime_walk_feed(walk, SPAN("a: b\r\n\r\nx\r\n")) &&
		    mime_walk_end(walk);
		assert_int_equal(good, runs > 4);
		assert_int_equal(left, runs > 4 ? runs - 4 : 0);
		mime_walk_finish(walk);
		free(walk);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_nesting),
	    cmocka_unit_test(test_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
