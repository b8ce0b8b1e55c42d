/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "lib/queue/segment.h"
#include "lib/queue/segment_contents.h"

#include "../../unit.h"

enum {
	FILE_SIZE = 262144,
	GENERATION = 77
};

static void
test_names(void **state UNUSED)
{
	static const struct {
		const char *name;
		uint32_t segment; /* 0 = refused */
	} cases[] = {
	    {"segment.0.1", 1},
	    {"segment.3.7", 3 << 16 | 7},
	    {"segment.1023.65535", 1023u << 16 | 65535},
	    {"segment.1024.1", 0},
	    {"segment.1.0", 0},
	    {"segment.1.65536", 0},
	    {"segment.01.1", 0},
	    {"segment.1.+1", 0},
	    {"segment.1", 0},
	    {"segment.1.1.1", 0},
	    {"segment..1", 0},
	    {"Segment.1.1", 0},
	    {"", 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char name[SEGMENT_NAME_SIZE];
		uint32_t segment = 0;

		assert_int_equal(
		    segment_name_parse(span_text(cases[i].name), &segment),
		    cases[i].segment != 0);
		if (cases[i].segment == 0)
			continue;
		assert_int_equal(segment, cases[i].segment);
		segment_name(segment, name);
		assert_string_equal(name, cases[i].name);
	}
}

static void
test_head(void **state UNUSED)
{
	struct segment_head head = {.generation = GENERATION, .size = 12345};
	struct segment_head found;
	char page[SEGMENT_PAGE] = {0};
	struct span bytes = span_of(page, sizeof page);

	assert_int_equal(segment_head_decode(bytes, &found), SEGMENT_EMPTY);
	segment_head_encode(&head, page);
	assert_int_equal(segment_head_decode(bytes, &found), SEGMENT_SOUND);
	assert_int_equal(found.generation, GENERATION);
	assert_int_equal(found.size, 12345);
	for (size_t i = 0; i < 64; i++) {
		page[i] ^= 4;
		assert_int_equal(
		    segment_head_decode(bytes, &found), SEGMENT_DAMAGED);
		page[i] ^= 4;
	}
	assert_int_equal(
	    segment_head_decode(span_head(bytes, 63), &found), SEGMENT_EMPTY);
}

/* A segment being put together by hand. */
struct image {
	char *bytes;
	uint32_t end; /* behind the last record */
	uint32_t numbers;
	uint32_t first;
	struct id_source ids;
};

static void
image_init(struct image *image)
{
	struct segment_head head = {GENERATION, FILE_SIZE};

	*image = (struct image){.bytes = calloc(1, FILE_SIZE)};
	segment_head_encode(&head, image->bytes);
	image->end = SEGMENT_PAGE;
	id_source_init(&image->ids, 1);
}

static void
begin_batch(struct image *image)
{
	image->end = segment_round_page(image->end);
	image->first = image->numbers;
}

/* Returns the offset. */
static uint32_t
add_record(struct image *image, uint64_t generation, uint32_t length)
{
	struct segment_record record = {
	    .generation = generation,
	    .length = length,
	    .number = image->numbers++,
	    .first = image->first,
	    .id = id_next(&image->ids, 1),
	};
	uint32_t offset = segment_round(image->end);

	memset(image->bytes + offset + SEGMENT_RECORD_HEAD, 'x',
	    length - SEGMENT_RECORD_HEAD);
	segment_record_encode(&record, image->bytes + offset);
	image->end = offset + length;
	return offset;
}

/* Batches of 2, 1 and 3 records. */
static void
fill(struct image *image, uint32_t offsets[6])
{
	static const unsigned batches[] = {2, 1, 3};
	unsigned n = 0;

	image_init(image);
	for (size_t batch = 0; batch < COUNT_OF(batches); batch++) {
		begin_batch(image);
		for (unsigned i = 0; i < batches[batch]; i++, n++)
			offsets[n] = add_record(image, GENERATION,
			    SEGMENT_RECORD_HEAD + 1000 * n + n);
	}
}

static void
test_record_damage(void **state UNUSED)
{
	struct image image;
	uint32_t offsets[6];
	struct segment_record record;
	struct span bytes;

	fill(&image, offsets);
	bytes = span_skip(span_of(image.bytes, FILE_SIZE), offsets[1]);
	assert_true(segment_record_decode(bytes, &record));
	assert_int_equal(record.number, 1);
	assert_int_equal(record.first, 0);
	assert_int_equal(record.length, SEGMENT_RECORD_HEAD + 1001);
	for (size_t i = 0; i < record.length; i++) {
		image.bytes[offsets[1] + i] ^= 1;
		assert_false(
		    segment_record_decode(bytes, &(struct segment_record){0}));
		image.bytes[offsets[1] + i] ^= 1;
	}
	assert_false(segment_record_decode(
	    span_head(bytes, SEGMENT_RECORD_HEAD + 1000), &record));
	free(image.bytes);
}

static uint32_t
count_damaged(const struct segment_contents *contents)
{
	uint32_t damaged = 0;

	for (size_t i = 0; i < contents->gap_count; i++)
		damaged += contents->gaps[i].count;
	return damaged;
}

static void
test_contents_whole(void **state UNUSED)
{
	struct image image;
	uint32_t offsets[6];
	struct segment_contents contents;

	fill(&image, offsets);
	assert_int_equal(
	    segment_contents_read(span_of(image.bytes, FILE_SIZE), &contents),
	    SEGMENT_SOUND);
	assert_int_equal(contents.count, 6);
	assert_int_equal(contents.numbers, 6);
	assert_int_equal(count_damaged(&contents), 0);
	assert_int_equal(contents.gap_count, 0);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(contents.entries[i].offset, offsets[i]);
	segment_contents_finish(&contents);
	free(image.bytes);
}

/* Rule 4: what is missing in the last batch was never acknowledged, what is
 * missing before it is damage. */
static void
test_contents_torn_or_damaged(void **state UNUSED)
{
	static const struct {
		const char *broken; /* numbers */
		size_t count;
		uint32_t damaged;
		size_t gaps;
		uint32_t numbers;
	} cases[] = {
	    {"5", 5, 0, 0, 5},
	    {"3", 5, 0, 0, 6},
	    {"34", 4, 0, 0, 6},
	    /* All of the last batch gone: the one before is the last now. */
	    {"345", 3, 0, 0, 3},
	    {"2345", 2, 0, 0, 2},
	    {"2", 5, 1, 1, 6},
	    {"23", 4, 1, 1, 6},
	    {"0", 5, 1, 1, 6},
	    {"1", 5, 1, 1, 6},
	    {"01", 4, 2, 1, 6},
	    {"024", 3, 2, 2, 6},
	    {"012345", 0, 0, 0, 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct image image;
		uint32_t offsets[6];
		struct segment_contents contents;

		fill(&image, offsets);
		for (const char *at = cases[i].broken; *at != '\0'; at++)
			image.bytes[offsets[*at - '0'] + 40] ^= 1;
		assert_int_equal(
		    segment_contents_read(
			span_of(image.bytes, FILE_SIZE), &contents),
		    SEGMENT_SOUND);
		assert_int_equal(contents.count, cases[i].count);
		assert_int_equal(count_damaged(&contents), cases[i].damaged);
		assert_int_equal(contents.gap_count, cases[i].gaps);
		assert_int_equal(contents.numbers, cases[i].numbers);
		segment_contents_finish(&contents);
		free(image.bytes);
	}
}

/* What is left of an older generation means nothing, wherever it lies. */
static void
test_contents_generations(void **state UNUSED)
{
	struct image image;
	uint32_t offsets[6];
	struct segment_contents contents;

	fill(&image, offsets);
	begin_batch(&image);
	add_record(&image, GENERATION + 1, 5000);
	image.numbers = 0;
	image.end = SEGMENT_PAGE;
	begin_batch(&image);
	add_record(&image, GENERATION + 2, 100);
	assert_int_equal(
	    segment_contents_read(span_of(image.bytes, FILE_SIZE), &contents),
	    SEGMENT_SOUND);
	/* A head of GENERATION over a first batch of another one: what that
	 * has overwritten was done. */
	assert_int_equal(contents.count, 4);
	assert_int_equal(count_damaged(&contents), 2);
	segment_contents_finish(&contents);
	segment_head_encode(
	    &(struct segment_head){GENERATION + 2, FILE_SIZE}, image.bytes);
	assert_int_equal(
	    segment_contents_read(span_of(image.bytes, FILE_SIZE), &contents),
	    SEGMENT_SOUND);
	assert_int_equal(contents.count, 1);
	assert_int_equal(count_damaged(&contents), 0);
	segment_contents_finish(&contents);
	free(image.bytes);
}

static void
test_contents_without_head(void **state UNUSED)
{
	struct image image;
	uint32_t offsets[6];
	struct segment_contents contents;

	fill(&image, offsets);
	image.bytes[20] ^= 1;
	assert_int_equal(
	    segment_contents_read(span_of(image.bytes, FILE_SIZE), &contents),
	    SEGMENT_DAMAGED);
	assert_int_equal(contents.generation, GENERATION);
	assert_int_equal(contents.count, 6);
	segment_contents_finish(&contents);
	memset(image.bytes, 0, FILE_SIZE);
	assert_int_equal(
	    segment_contents_read(span_of(image.bytes, FILE_SIZE), &contents),
	    SEGMENT_EMPTY);
	assert_int_equal(contents.count, 0);
	segment_contents_finish(&contents);
	free(image.bytes);
}

/* A file that was cut off anywhere is read up to there. */
static void
test_contents_cut(void **state UNUSED)
{
	struct image image;
	uint32_t offsets[6];

	fill(&image, offsets);
	for (size_t size = 0; size < image.end + 100; size += 97) {
		struct segment_contents contents;
		size_t whole = 0;

		while (whole < 6 &&
		    offsets[whole] + SEGMENT_RECORD_HEAD + 1001 * whole <= size)
			whole++;
		(void)!segment_contents_read(
		    span_of(image.bytes, size), &contents);
		assert_int_equal(contents.count, whole);
		assert_int_equal(count_damaged(&contents), 0);
		segment_contents_finish(&contents);
	}
	free(image.bytes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_record_damage),
	    cmocka_unit_test(test_contents_whole),
	    cmocka_unit_test(test_contents_torn_or_damaged),
	    cmocka_unit_test(test_contents_generations),
	    cmocka_unit_test(test_contents_without_head),
	    cmocka_unit_test(test_contents_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
