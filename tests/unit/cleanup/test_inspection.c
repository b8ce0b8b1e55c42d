/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "cleanup/inspect_body.h"

static const struct log_context context = {.queue_id = {"ID", 2}};

static const char header_rows[] =
    "inline:{{subject: bad=REJECT no, thanks},{subject: later=REJECT 4.7.1 "
    "wait},{x-a: b=IGNORE},{x-b: c=STRIP},{x-c: d=REPLACE X-New: e},{x-d: "
    "e=PREPEND X-Before: f},{x-e: f=REPLACE no field},{x-f: g=BCC c@d},{x-g: "
    "h=REDIRECT r@d},{x-h: i=HOLD},{x-i: j=DISCARD},{x-j: k=PASS},{x-k: "
    "l=FILTER smtp:[h]},{x-l: m=BCC nobody},{x-m: n=WARN w},{x-n: "
    "o=NONSENSE}}";
static const char mime_rows[] =
    "inline:{{content-type: text/evil=REJECT evil},{content-type: "
    "text/odd=REPLACE Content-Type: text/plain},{x-part: y=IGNORE}}";
static const char nested_rows[] = "inline:{{subject: inner=STRIP}}";
static const char body_rows[] =
    "inline:{{secret=REJECT 5.7.9 spoken},{old=REPLACE new},{gone=IGNORE},"
    "{mark=PREPEND here:},{aaaabbbb=IGNORE},{--b=WARN}}";

static bool
collect(void *owner, struct span run)
{
	return buf_append_span(owner, run);
}

struct stage {
	struct pool *pool;
	struct content_checks checks;
	struct inspection inspection;
	struct message_begin begin;
};

static void
stage_open(struct stage *stage)
{
	const struct content_checks_source source = {
	    .names = {"a", "b", "c", "d"},
	    .texts = {header_rows, mime_rows, nested_rows, body_rows}};
	struct error error;

	stage->pool = pool_create(NULL, "test", 1 << 20);
	stage->begin = (struct message_begin){.sender = SPAN_EMPTY};
	if (!content_checks_open(&stage->checks, &source, &error))
		fail_msg("%s", error.text);
	inspection_init(&stage->inspection, &stage->checks, stage->pool);
	stage->inspection.subject = (struct inspection_subject){
	    &context, &stage->begin, SPAN("s@x"), SPAN("r@x")};
}

static void
stage_close(struct stage *stage)
{
	inspection_finish(&stage->inspection);
	content_checks_close(&stage->checks);
	pool_destroy(stage->pool);
}

/* The outcome in words. */
static void
describe(const struct inspection *inspection, struct buf *out)
{
	if (inspection->refusal.code != 0) {
		(void)reply_append_line(out, &inspection->refusal);
		buf_append_byte(out, '|');
	}
	if (inspection->is_discarded)
		buf_append_text(out, "discarded|");
	if (inspection->is_held)
		buf_append_text(out, "held|");
	if (inspection->redirect.len > 0)
		buf_printf(out, "to %.*s|", SPAN_ARGS(inspection->redirect));
	for (const struct inspection_copy *copy = inspection->copies;
	     copy != NULL; copy = copy->older)
		buf_printf(out, "copy %.*s|", SPAN_ARGS(copy->address));
}

static const struct {
	const char *in;
	const char *want; /* the header; NULL: it stays */
	const char *outcome;
} headers[] = {
    {"", NULL, ""},
    {"Subject: good\r\n", NULL, ""},
    {"Subject: bad\r\n", NULL, "550 5.7.1 no, thanks|"},
    {"SUBJECT: BAD\r\nX-H: i\r\n", NULL, "550 5.7.1 no, thanks|"},
    {"Subject: later\r\n", NULL, "451 4.7.1 wait|"},
    {"X-A: b\r\nTo: a\r\n", "To: a\r\n", ""},
    {"To: a\r\nX-B: c\r\n", "To: a\r\n", ""},
    {"X-C: d\r\nTo: a\r\n", "X-New: e\r\nTo: a\r\n", ""},
    {"X-D: e\r\nTo: a\r\n", "X-Before: f\r\nX-D: e\r\nTo: a\r\n", ""},
    {"X-E: f\r\n", NULL, ""},
    {"X-F: g\r\nX-F: g\r\n", NULL, "copy c@d|copy c@d|"},
    {"X-G: h\r\nX-H: i\r\n", NULL, "held|to r@d|"},
    {"X-I: j\r\nSubject: bad\r\n", NULL, "discarded|"},
    {"X-J: k\r\nSubject: bad\r\n", NULL, ""},
    {"X-K: l\r\n", NULL, "451 4.3.5 Server configuration error|"},
    {"X-L: m\r\nX-M: n\r\nX-N: o\r\n", NULL, ""},
    /* a folded field is one line to the tables */
    {"Subject:\r\n bad\r\n", NULL, ""},
    {"Content-Type: text/evil\r\n", NULL, "550 5.7.1 evil|"},
    /* what is behind a line that is no field is no header */
    {"To: a\r\nno field\r\nX-A: b\r\n", NULL, ""},
};

static void
test_headers(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		struct stage stage;
		struct buf block;
		struct buf outcome;

		print_message("%zu\n", i);
		stage_open(&stage);
		buf_init(&block, 1000);
		buf_init(&outcome, 1000);
		buf_append_text(&block, headers[i].in);
		inspection_header(&stage.inspection, &block);
		assert_span(buf_span(&block),
		    headers[i].want == NULL ? headers[i].in : headers[i].want);
		describe(&stage.inspection, &outcome);
		assert_span(buf_span(&outcome), headers[i].outcome);
		buf_finish(&block);
		buf_finish(&outcome);
		stage_close(&stage);
	}
}

#define MULTI \
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
#define RFC822  "Content-Type: message/rfc822\r\n\r\n"
#define MESSAGE "MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n"

static const struct {
	const char *header;
	const char *body;
	const char *want; /* NULL: it stays */
	const char *outcome;
	bool is_plain;
} bodies[] = {
    {"", "", NULL, "", false},
    {"", "\r\nhello\r\n", NULL, "", false},
    {"", "\r\nhello", NULL, "", false},
    {"", "\r\nsecret\r\n", NULL, "550 5.7.9 spoken|", false},
    {"", "\r\nsecret", NULL, "550 5.7.9 spoken|", false},
    {"", "\r\na\r\nold\r\nb\r\n", "\r\na\r\nnew\r\nb\r\n", "", false},
    {"", "\r\nold", "\r\nnew", "", false},
    {"", "\r\na\r\ngone\r\nb\r\n", "\r\na\r\nb\r\n", "", false},
    {"", "\r\nmark\r\n", "\r\nhere:\r\nmark\r\n", "", false},
    /* beyond the maximum of a part nobody looks */
    {"", "\r\n0123456789012345678901234567890\r\nsecret\r\n", NULL, "", false},
    {MULTI,
	"\r\n--b\r\n\r\n01234567890123456789012345678\r\n--b\r\n\r\ngone\r\n"
	"--b--\r\n",
	"\r\n--b\r\n\r\n01234567890123456789012345678\r\n--b\r\n\r\n--b--\r\n",
	"", false},
    /* headers of parts */
    {MULTI,
	"\r\n--b\r\nContent-Type: text/odd\r\nX-Part: y\r\n\r\nx\r\n--b--\r\n",
	"\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n", "", false},
    {MULTI, "\r\n--b\r\nContent-Type: text/evil\r\n\r\nx\r\n--b--\r\n", NULL,
	"550 5.7.1 evil|", false},
    {MULTI, "\r\n--b\r\nSubject: inner\r\n\r\nx\r\n--b--\r\n", NULL, "", false},
    {MULTI, "\r\n--b\r\nContent-Type: text/evil\r\n\r\nx\r\n--b--\r\n", NULL,
	"", true},
    {MULTI,
	"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
	"Subject: inner\r\nContent-Type: text/odd\r\n\r\nx\r\n--b--\r\n",
	"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
	"Content-Type: text/plain\r\n\r\nx\r\n--b--\r\n",
	"", false},
    {MESSAGE, "\r\nSubject: inner\r\n\r\nx\r\n", "\r\n\r\nx\r\n", "", false},
    /* a header ends with the content, or with a delimiter */
    {MULTI, "\r\n--b\r\nX-Part: y\r\n--b\r\nX-Part: y", "\r\n--b\r\n--b\r\n",
	"", false},
    /* nested too deep */
    {MULTI, "\r\n--b\r\n" RFC822 RFC822 RFC822 RFC822 RFC822 "x\r\n", "",
	"554 5.6.0 MIME nesting exceeds mime_nesting_limit|", false},
};

/* Feeds it in pieces of `step` bytes. */
static void
run_body(size_t i, size_t step)
{
	struct stage stage;
	struct inspect_body *body;
	struct buf out;
	struct buf outcome;
	struct span rest = span_text(bodies[i].header);
	bool good = true;

	stage_open(&stage);
	buf_init(&out, 1000);
	buf_init(&outcome, 1000);
	body = inspect_body_create(&(struct inspect_body_settings){
	    .inspection = &stage.inspection,
	    .limits = {4, 70},
	    .is_plain = bodies[i].is_plain,
	    .field_maximum = 100,
	    .line_maximum = 40,
	    .text_maximum = 30,
	    .sink = collect,
	    .owner = &out,
	});
	for (; rest.len > 0 && good; rest = span_skip(rest, step))
		good = inspect_body_header(body, span_head(rest, step));
	rest = span_text(bodies[i].body);
	for (; rest.len > 0 && good; rest = span_skip(rest, step))
		good = inspect_body_feed(body, span_head(rest, step));
	good = good && inspect_body_end(body);
	describe(&stage.inspection, &outcome);
	assert_span(buf_span(&outcome), bodies[i].outcome);
	if (good)
		assert_span(buf_span(&out),
		    bodies[i].want == NULL ? bodies[i].body : bodies[i].want);
	inspect_body_destroy(body);
	buf_finish(&out);
	buf_finish(&outcome);
	stage_close(&stage);
}

static void
test_bodies(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(bodies); i++)
		for (size_t step = 1; step < 300; step = step * 3 + 1) {
			print_message("%zu, %zu bytes\n", i, step);
			run_body(i, step);
		}
}

/* Fields that the block had no room for, and what is too long to be held. */
static void
test_maxima(void **state UNUSED)
{
	static const char spilled[] = "X-A: b\r\nX-C: d\r\nSubject: ok\r\n";
	struct stage stage;
	struct inspect_body *body;
	struct buf out;
	char field[1000];

	stage_open(&stage);
	buf_init(&out, 4000);
	body = inspect_body_create(&(struct inspect_body_settings){
	    .inspection = &stage.inspection,
	    .limits = {4, 70},
	    .field_maximum = 100,
	    .line_maximum = 8,
	    .text_maximum = 10000,
	    .sink = collect,
	    .owner = &out,
	});
	memset(field, 'x', sizeof field);
	memcpy(field, "Long: ", 6);
	assert_true(inspect_body_header(body, span_text(spilled)));
	assert_true(inspect_body_spilled(body, span_text(spilled)));
	assert_true(inspect_body_spilled(body, span_of(field, sizeof field)));
	assert_true(inspect_body_spilled(body, SPAN("\r\n")));
	assert_true(inspect_body_feed(body, SPAN("\r\naaaabbbbcccc\r\n")));
	assert_true(inspect_body_end(body));
	assert_true(span_starts(
	    buf_span(&out), SPAN("X-New: e\r\nSubject: ok\r\nLong: xxx")));
	assert_int_equal(out.len,
	    strlen("X-New: e\r\nSubject: ok\r\n") + sizeof field +
		strlen("\r\n\r\n") + strlen("aaaabbbbcccc\r\n"));
	inspect_body_destroy(body);
	buf_finish(&out);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_bodies),
	    cmocka_unit_test(test_maxima),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
