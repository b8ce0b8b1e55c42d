/* SPDX-License-Identifier: MIT */
/* The walk through a message's parts, and its conversion to 7 bits. The first
 * byte is the size of the pieces, the second chooses the limits. */
#include "lib/mail/downgrade.h"

enum {
	MAXIMUM = 1 << 24
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

struct seen {
	struct buf content; /* all runs */
	struct buf story;   /* the kind of each byte, and the other events */
};

static bool
see_run(void *owner, enum mime_run kind, struct span bytes)
{
	struct seen *seen = owner;

	must(bytes.len > 0);
	for (size_t i = 0; i < bytes.len; i++)
		must(buf_append_byte(&seen->story, (char)kind));
	return buf_append_span(&seen->content, bytes);
}

static bool
see_header_end(void *owner, const struct mime_entity *entity)
{
	struct seen *seen = owner;

	return buf_append(&seen->story, "{", 1) &&
	    buf_append(&seen->story, &entity->number, sizeof entity->number) &&
	    buf_append_byte(&seen->story, (char)entity->kind) &&
	    buf_append_byte(&seen->story, (char)entity->encoding) &&
	    buf_append_byte(&seen->story, entity->ended_empty);
}

static bool
see_body_end(void *owner)
{
	struct seen *seen = owner;

	return buf_append(&seen->story, ".", 1);
}

static bool
walk_all(const struct mime_limits *limits, struct span data, size_t step,
    struct seen *seen)
{
	struct mime_walk *walk = malloc(sizeof *walk);
	const struct mime_events events = {
	    see_run, see_header_end, see_body_end, seen};
	bool good = true;

	must(walk != NULL);
	buf_init(&seen->content, MAXIMUM);
	buf_init(&seen->story, MAXIMUM);
	mime_walk_init(walk, limits, &events);
	for (; data.len > 0 && good; data = span_skip(data, step))
		good = mime_walk_feed(walk, span_head(data, step));
	good = good && mime_walk_end(walk);
	must(good != walk->is_too_deep);
	mime_walk_finish(walk);
	free(walk);
	return good;
}

static void
forget(struct seen *seen)
{
	buf_finish(&seen->content);
	buf_finish(&seen->story);
}

static bool
collect(void *owner, struct span run)
{
	must(run.len > 0);
	return buf_append_span(owner, run);
}

static bool
convert(const struct mime_limits *limits, struct span data, size_t step,
    struct buf *out)
{
	struct downgrade *downgrade = downgrade_create(limits);
	bool good;

	buf_init(out, MAXIMUM);
	for (struct span rest = data; rest.len > 0;
	     rest = span_skip(rest, step))
		downgrade_measure(downgrade, span_head(rest, step));
	good = downgrade_measure_end(downgrade, NULL);
	if (good) {
		downgrade_begin(downgrade, collect, out);
		for (; data.len > 0; data = span_skip(data, step))
			must(downgrade_feed(downgrade, span_head(data, step)));
		must(downgrade_end(downgrade));
	}
	downgrade_destroy(downgrade);
	return good;
}

static bool
is_7bit(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] > 127)
			return false;
	return true;
}

/* A second conversion finds nothing to do. */
static void
check_conversion(
    const struct mime_limits *limits, struct span data, size_t step)
{
	struct buf first;
	struct buf pieces;
	struct buf again;

	if (!convert(limits, data, data.len + 1, &first)) {
		buf_finish(&first);
		return;
	}
	must(convert(limits, data, step, &pieces));
	must(span_equal(buf_span(&first), buf_span(&pieces)));
	must(convert(limits, buf_span(&first), step, &again));
	must(span_equal(buf_span(&first), buf_span(&again)));
	if (is_7bit(data))
		must(is_7bit(buf_span(&first)));
	buf_finish(&first);
	buf_finish(&pieces);
	buf_finish(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct span data = span_skip(span_of(bytes, count), 2);
	struct mime_limits limits;
	struct seen whole;
	struct seen pieces;
	size_t step;
	bool good;

	if (count < 2)
		return 0;
	step = bytes[0] + 1u;
	limits = (struct mime_limits){
	    .nesting = bytes[1] & 15, .boundary = (bytes[1] >> 4) * 8u + 1};
	good = walk_all(&limits, data, data.len + 1, &whole);
	must(walk_all(&limits, data, step, &pieces) == good);
	must(span_equal(buf_span(&whole.story), buf_span(&pieces.story)));
	must(span_equal(buf_span(&whole.content), buf_span(&pieces.content)));
	must(good ? span_equal(buf_span(&whole.content), data)
		  : span_starts(data, buf_span(&whole.content)));
	forget(&whole);
	forget(&pieces);
	check_conversion(&limits, data, step);
	return 0;
}
