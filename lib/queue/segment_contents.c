/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment_contents.h"

#include "lib/base/memory.h"

/* A walk through the bytes of one generation. */
struct walk {
	struct span file;
	struct segment_contents *contents;
	bool any_generation; /* no sound head, and no record was met yet */
	uint32_t offset;
	size_t room;
	size_t gap_room;
};

/* The record at `offset`, which is a multiple of 64. Each of those before it
 * took as much at least, so a number that is too high is no record of ours; it
 * would take all others for old ones. */
static bool
decode_at(
    const struct walk *walk, uint32_t offset, struct segment_record *record)
{
	struct span bytes = span_skip(walk->file, offset);

	return offset < walk->file.len &&
	    segment_record_decode(bytes, record) &&
	    record->number <= (offset - SEGMENT_PAGE) / SEGMENT_ALIGNMENT &&
	    (walk->any_generation ||
		record->generation == walk->contents->generation);
}

/* The next record at or behind `offset` that is sound and newer than those
 * before. The first place to look is where it belongs, then the next page,
 * which begins a batch; behind that it is a search through dirt. */
static bool
find_record(struct walk *walk, uint32_t *offset, struct segment_record *record)
{
	uint32_t from = walk->offset;

	for (*offset = from; *offset < walk->file.len;
	     *offset += SEGMENT_ALIGNMENT)
		if (decode_at(walk, *offset, record) &&
		    record->number >= walk->contents->numbers)
			return true;
	return false;
}

static void
add_gap(struct walk *walk, uint32_t end, uint32_t number)
{
	struct segment_contents *contents = walk->contents;

	if (contents->gap_count == walk->gap_room) {
		walk->gap_room = walk->gap_room * 2 + 4;
		contents->gaps = memory_resize(
		    contents->gaps, walk->gap_room * sizeof *contents->gaps);
	}
	contents->gaps[contents->gap_count++] = (struct segment_gap){
	    .where = {walk->offset, end - walk->offset},
	    .number = contents->numbers,
	    .count = number - contents->numbers,
	};
}

static void
add_entry(
    struct walk *walk, uint32_t offset, const struct segment_record *record)
{
	struct segment_contents *contents = walk->contents;

	if (contents->count == walk->room) {
		walk->room = walk->room * 2 + 64;
		contents->entries = memory_resize(
		    contents->entries, walk->room * sizeof *contents->entries);
	}
	contents->entries[contents->count++] = (struct segment_entry){
	    .id = record->id,
	    .offset = offset,
	    .length = record->length,
	    .number = record->number,
	    .first = record->first,
	};
}

/* Everything sound, with a gap before each record that is not the next. */
static void
collect(struct walk *walk)
{
	struct segment_contents *contents = walk->contents;
	struct segment_record record;
	uint32_t offset;

	while (find_record(walk, &offset, &record)) {
		contents->generation = record.generation;
		walk->any_generation = false;
		if (record.number > contents->numbers)
			add_gap(walk, offset, record.number);
		add_entry(walk, offset, &record);
		contents->numbers = record.number + 1;
		walk->offset = segment_round(offset + record.length);
	}
}

/* Of the missing ones only those before the last batch were acknowledged. */
static void
judge_gaps(struct segment_contents *contents)
{
	uint32_t last;
	size_t kept = 0;

	if (contents->count == 0)
		return;
	last = contents->entries[contents->count - 1].first;
	for (size_t i = 0; i < contents->gap_count; i++) {
		struct segment_gap gap = contents->gaps[i];

		if (gap.number >= last)
			continue;
		if (gap.count > last - gap.number)
			gap.count = last - gap.number;
		contents->gaps[kept++] = gap;
	}
	contents->gap_count = kept;
}

enum segment_head_result
segment_contents_read(struct span file, struct segment_contents *contents)
{
	struct segment_head head = {0};
	enum segment_head_result result = segment_head_decode(file, &head);
	struct walk walk = {
	    .file = file,
	    .contents = contents,
	    .any_generation = result != SEGMENT_SOUND,
	    .offset = SEGMENT_PAGE,
	};

	*contents = (struct segment_contents){.generation = head.generation};
	if (result == SEGMENT_NEWER)
		return result;
	collect(&walk);
	judge_gaps(contents);
	return result == SEGMENT_EMPTY && contents->count > 0 ? SEGMENT_DAMAGED
							      : result;
}

void
segment_contents_finish(struct segment_contents *contents)
{
	free(contents->entries);
	free(contents->gaps);
	*contents = (struct segment_contents){0};
}
