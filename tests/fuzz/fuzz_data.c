/* SPDX-License-Identifier: MIT */
/* The content lexer, and the way back to the wire. The first two bytes choose
 * mode, policy and the size of the pieces. */
#include "lib/base/buf.h"
#include "lib/mail/content.h"
#include "lib/mail/dot.h"

enum {
	STORED_MAXIMUM = 1 << 24
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static bool
store(void *owner, enum content_part part UNUSED, struct span run)
{
	must(run.len > 0);
	return buf_append_span(owner, run);
}

static bool
send_run(void *owner, struct span run)
{
	must(run.len > 0);
	return buf_append_span(owner, run);
}

static size_t
lex(struct content *content, enum content_mode mode, enum content_bare bare,
    struct span data, size_t step, struct buf *stored)
{
	const struct content_options options = {
	    .mode = mode, .bare = bare, .sink = store, .owner = stored};
	size_t used = 0;

	content_init(content, &options);
	while (used < data.len && !content->has_ended)
		used += content_feed(
		    content, span_head(span_skip(data, used), step));
	content_finish(content);
	return used;
}

/* What was stored leaves for a strict reader and is the same there. */
static void
check_way_back(struct span stored)
{
	struct content content;
	struct dot dot;
	struct buf wire;
	struct buf again;

	buf_init(&wire, STORED_MAXIMUM);
	buf_init(&again, STORED_MAXIMUM);
	dot_init(&dot, 0, send_run, &wire);
	must(dot_feed(&dot, stored));
	must(dot_finish(&dot));
	must(lex(&content, CONTENT_DATA, CONTENT_BARE_REJECT, buf_span(&wire),
		 wire.len, &again) == wire.len);
	must(content.has_ended && content.fault == CONTENT_GOOD);
	must(span_equal(buf_span(&again), stored));
	buf_finish(&wire);
	buf_finish(&again);
}

static void
check_stored(const struct content *content, struct span stored)
{
	must(content_size(content) == stored.len);
	must(!content->header.bare && !content->body.bare);
	if (content->has_ended && content->fault == CONTENT_GOOD) {
		must(content_extent_is_complete(&content->header));
		must(content_extent_is_complete(&content->body));
		check_way_back(stored);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span data = span_skip(span_of(bytes, count), 2);
	struct content whole;
	struct content pieces;
	struct buf stored;
	struct buf same;
	enum content_mode mode;
	enum content_bare bare;

	if (count < 2)
		return 0;
	mode = bytes[0] & 3;
	bare = bytes[0] >> 2 & 1;
	buf_init(&stored, STORED_MAXIMUM);
	buf_init(&same, STORED_MAXIMUM);
	must(lex(&whole, mode, bare, data, data.len, &stored) ==
	    lex(&pieces, mode, bare, data, bytes[1] + 1u, &same));
	must(whole.fault == pieces.fault);
	must(whole.has_ended == pieces.has_ended);
	if (whole.fault == CONTENT_GOOD)
		must(span_equal(buf_span(&stored), buf_span(&same)));
	if (mode == CONTENT_DATA && whole.has_ended)
		must(whole.received == 3 ||
		    span_ends(
			span_head(data, whole.received), SPAN("\r\n.\r\n")));
	check_stored(&whole, buf_span(&stored));
	buf_finish(&stored);
	buf_finish(&same);
	return 0;
}
