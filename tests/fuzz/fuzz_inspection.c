/* SPDX-License-Identifier: MIT */
/* The checks of cleanup on their way through a message. The first byte says how
 * the input is cut. Where no row is found the message stays what it was;
 * where some are, what comes out does not depend on the pieces. */
#include "cleanup/inspect_body.h"

enum {
	OUTPUT_MAXIMUM = 1 << 24
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static const char *const silent[CHECK_KINDS] = {"inline:{\1=WARN}",
    "inline:{\1=WARN}", "inline:{\1=WARN}", "inline:{\1=WARN}"};
static const char *const loud[CHECK_KINDS] = {"inline:{{b: c=PREPEND X-A: b}}",
    "static:IGNORE", "static:IGNORE",
    "inline:{{a=REPLACE bb},{b=IGNORE},{c=PREPEND d}}"};

static bool
collect(void *owner, struct span run)
{
	return buf_append_span(owner, run);
}

/* False: the parts are nested too deep. */
static bool
inspect(
    const char *const *texts, struct span input, size_t step, struct buf *out)
{
	struct content_checks_source source = {.names = {"", "", "", ""}};
	struct pool *pool = pool_create(NULL, "fuzz", POOL_NO_MAXIMUM);
	const struct message_begin begin = {.sender = SPAN_EMPTY};
	struct inspection inspection;
	struct content_checks checks;
	struct inspect_body *body;
	struct error error;
	bool good = true;

	memcpy(source.texts, texts, sizeof source.texts);
	must(content_checks_open(&checks, &source, &error));
	inspection_init(&inspection, &checks, pool);
	inspection.subject.begin = &begin;
	body = inspect_body_create(&(struct inspect_body_settings){
	    .inspection = &inspection,
	    .limits = {5, 20},
	    .field_maximum = 50,
	    .line_maximum = 20,
	    .text_maximum = 100,
	    .sink = collect,
	    .owner = out,
	});
	for (; input.len > 0 && good; input = span_skip(input, step))
		good = inspect_body_feed(body, span_head(input, step));
	good = good && inspect_body_end(body);
	must(good || inspection.refusal.code != 0);
	inspect_body_destroy(body);
	inspection_finish(&inspection);
	content_checks_close(&checks);
	pool_destroy(pool);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span input = span_skip(span_of(bytes, count), 1);
	size_t step = count > 0 ? 1U + bytes[0] % 16 : 1;
	struct buf whole, cut;

	if (count > OUTPUT_MAXIMUM / 64)
		return 0;
	buf_init(&whole, OUTPUT_MAXIMUM);
	buf_init(&cut, OUTPUT_MAXIMUM);
	if (inspect(silent, input, step, &cut))
		must(span_equal(buf_span(&cut), input));
	buf_clear(&cut);
	if (inspect(loud, input, SIZE_MAX, &whole)) {
		must(inspect(loud, input, step, &cut));
		must(span_equal(buf_span(&whole), buf_span(&cut)));
	}
	buf_finish(&whole);
	buf_finish(&cut);
	return 0;
}
