/* SPDX-License-Identifier: MIT */
#include "lib/queue/id.h"

#include "lib/base/clock.h"
#include "lib/base/number.h"
#include "lib/base/random.h"

/* Without vowels, so that no id spells a word; the last digit, `z`, is the
 * separator and so not in the tail. */
#define DIGITS_51 "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy"
#define DIGITS_52 DIGITS_51 "z"

enum {
	SECONDS_WIDTH = 6,
	SECONDS_WIDTH_MAXIMUM = 8, /* to keep the microseconds in 63 bits */
	MICROSECONDS_WIDTH = 4,
	TAIL_WIDTH = 5,
	TAIL_WIDTH_MAXIMUM = 10,
	RANDOM_BITS = 18 /* ID_WRITERS << 18 is below 51^5 */
};

_Static_assert(
    SECONDS_WIDTH_MAXIMUM + MICROSECONDS_WIDTH + 1 + TAIL_WIDTH_MAXIMUM <=
	QUEUE_ID_MAXIMUM,
    "an id fits its array");

void
id_source_init(struct id_source *source, uint32_t writer)
{
	must(writer < ID_WRITERS);
	*source = (struct id_source){.writer = writer};
}

struct queue_id
id_next(struct id_source *source, int64_t now)
{
	struct queue_id id = {{0}};
	uint64_t tail = (uint64_t)source->writer << RANDOM_BITS |
	    random_below(1 << RANDOM_BITS);
	size_t len;

	if (now <= source->last)
		now = source->last + 1;
	must(now > 0);
	source->last = now;
	len = number_format_base((uint64_t)now / CLOCK_SECOND, DIGITS_52,
	    SECONDS_WIDTH, id.text, sizeof id.text);
	len += number_format_base((uint64_t)now % CLOCK_SECOND, DIGITS_52,
	    MICROSECONDS_WIDTH, id.text + len, sizeof id.text - len);
	id.text[len++] = 'z';
	(void)number_format_base(
	    tail, DIGITS_51, TAIL_WIDTH, id.text + len, sizeof id.text - len);
	return id;
}

/* Splits at the last `z`, the only one that no tail can hold. */
static bool
parse_time(struct span text, int64_t *time)
{
	size_t end = span_find_last(text, 'z');
	struct span tail = span_skip(text, end + 1);
	uint64_t seconds, microseconds, number;
	size_t width;

	if (end == text.len || end < SECONDS_WIDTH + MICROSECONDS_WIDTH)
		return false;
	width = end - MICROSECONDS_WIDTH;
	if (width > SECONDS_WIDTH_MAXIMUM || tail.len > TAIL_WIDTH_MAXIMUM)
		return false;
	if (!number_parse_base(span_head(text, width), DIGITS_52,
		INT64_MAX / CLOCK_SECOND - 1, &seconds) ||
	    !number_parse_base(span_of(text.at + width, MICROSECONDS_WIDTH),
		DIGITS_52, CLOCK_SECOND - 1, &microseconds) ||
	    !number_parse_base(tail, DIGITS_51, UINT64_MAX, &number))
		return false;
	*time = (int64_t)(seconds * CLOCK_SECOND + microseconds);
	return true;
}

bool
id_parse(struct span text, struct queue_id *id)
{
	int64_t time;

	if (text.len > QUEUE_ID_MAXIMUM || !parse_time(text, &time))
		return false;
	*id = (struct queue_id){{0}};
	memcpy(id->text, text.at, text.len);
	return true;
}

int64_t
id_time(const struct queue_id *id)
{
	int64_t time = 0;

	must(parse_time(span_text(id->text), &time));
	return time;
}

bool
id_equal(const struct queue_id *a, const struct queue_id *b)
{
	return memcmp(a->text, b->text, sizeof a->text) == 0;
}
