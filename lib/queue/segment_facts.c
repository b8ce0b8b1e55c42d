/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment_facts.h"

#include "lib/base/memory.h"
#include "lib/queue/segment.h"

enum {
	/* More records than fit into the largest segment do not exist. */
	NUMBERS_MAXIMUM = SEGMENT_SIZE_MAXIMUM / SEGMENT_ALIGNMENT
};

void
segment_facts_finish(struct segment_facts *facts)
{
	free(facts->done);
	free(facts->partials);
	*facts = (struct segment_facts){0};
}

bool
segment_facts_is_done(const struct segment_facts *facts, uint32_t number)
{
	return number / 8 < facts->done_size &&
	    (facts->done[number / 8] >> number % 8 & 1) != 0;
}

void
segment_facts_set_done(struct segment_facts *facts, uint32_t number)
{
	if (segment_facts_is_done(facts, number) || number >= NUMBERS_MAXIMUM)
		return;
	if (number / 8 >= facts->done_size) {
		size_t size = (size_t)number / 8 + 1 + facts->done_size;

		facts->done = memory_resize(facts->done, size);
		memset(
		    facts->done + facts->done_size, 0, size - facts->done_size);
		facts->done_size = size;
	}
	facts->done[number / 8] |= (unsigned char)(1 << number % 8);
	facts->done_count++;
}

static void
add_partial(struct segment_facts *facts, const struct done_record *record)
{
	if (facts->partial_count == facts->partial_room) {
		facts->partial_room = facts->partial_room * 2 + 16;
		facts->partials = memory_resize(facts->partials,
		    facts->partial_room * sizeof *facts->partials);
	}
	facts->partials[facts->partial_count++] = *record;
}

void
segment_facts_note(
    struct segment_facts *facts, const struct done_record *record)
{
	if (record->recipient == DONE_RECORD_ALL)
		segment_facts_set_done(facts, record->message);
	else
		add_partial(facts, record);
}

bool
segment_facts_next_partial(const struct segment_facts *facts, uint32_t number,
    size_t *position, struct done_record *record)
{
	while (*position < facts->partial_count) {
		*record = facts->partials[(*position)++];
		if (record->message == number)
			return true;
	}
	return false;
}

static void
append(struct buf *records, const struct done_record *record)
{
	char bytes[DONE_RECORD_SIZE];

	done_record_encode(record, bytes);
	must(buf_append(records, bytes, sizeof bytes));
}

/* Of a message that is done the single recipients are no news. */
void
segment_facts_copy(const struct segment_facts *facts, uint32_t segment,
    uint64_t generation, struct buf *records)
{
	struct done_record record = {
	    .segment = segment,
	    .generation = generation,
	    .recipient = DONE_RECORD_ALL,
	    .state = RECIPIENT_DONE,
	};

	for (; record.message < facts->done_size * 8; record.message++)
		if (segment_facts_is_done(facts, record.message))
			append(records, &record);
	for (size_t i = 0; i < facts->partial_count; i++)
		if (!segment_facts_is_done(facts, facts->partials[i].message))
			append(records, &facts->partials[i]);
}
