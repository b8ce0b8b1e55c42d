/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment.h"

#include "lib/base/crc32c.h"
#include "lib/base/number.h"
#include "lib/queue/little.h"

#define HEAD_MAGIC   SPAN("PosternS")
#define RECORD_MAGIC SPAN("PosternR")

enum {
	/* Offsets in the head */
	VERSION_AT = 8,
	SIZE_AT = 12,
	GENERATION_AT = 16,
	HEAD_CHECK_AT = 60,
	HEAD_SIZE = 64,
	/* and in a record */
	RECORD_GENERATION_AT = 8,
	LENGTH_AT = 16,
	NUMBER_AT = 20,
	FIRST_AT = 24,
	CHECK_AT = 28,
	ID_AT = 32,

	N_BITS = 16,
	N_MAXIMUM = 65535
};

void
segment_head_encode(const struct segment_head *head, char *page)
{
	memset(page, 0, SEGMENT_PAGE);
	memcpy(page, HEAD_MAGIC.at, HEAD_MAGIC.len);
	little_put(page + VERSION_AT, 4, SEGMENT_VERSION);
	little_put(page + SIZE_AT, 4, head->size);
	little_put(page + GENERATION_AT, 8, head->generation);
	little_put(
	    page + HEAD_CHECK_AT, 4, crc32c(0, span_of(page, HEAD_CHECK_AT)));
}

static bool
is_zero(struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.at[i] != 0)
			return false;
	return true;
}

enum segment_head_result
segment_head_decode(struct span bytes, struct segment_head *head)
{
	if (bytes.len < HEAD_SIZE || is_zero(span_head(bytes, HEAD_SIZE)))
		return SEGMENT_EMPTY;
	if (!span_starts(bytes, HEAD_MAGIC) ||
	    little_get32(bytes.at + HEAD_CHECK_AT) !=
		crc32c(0, span_head(bytes, HEAD_CHECK_AT)))
		return SEGMENT_DAMAGED;
	if (little_get32(bytes.at + VERSION_AT) > SEGMENT_VERSION)
		return SEGMENT_NEWER;
	head->size = little_get32(bytes.at + SIZE_AT);
	head->generation = little_get(bytes.at + GENERATION_AT, 8);
	return SEGMENT_SOUND;
}

static uint32_t
check_of(const char *at, uint32_t length)
{
	static const char zeros[4];
	uint32_t check = crc32c(0, span_of(at, CHECK_AT));

	check = crc32c(check, span_of(zeros, sizeof zeros));
	return crc32c(check, span_of(at + ID_AT, length - ID_AT));
}

void
segment_record_encode(const struct segment_record *record, char *at)
{
	memcpy(at, RECORD_MAGIC.at, RECORD_MAGIC.len);
	little_put(at + RECORD_GENERATION_AT, 8, record->generation);
	little_put(at + LENGTH_AT, 4, record->length);
	little_put(at + NUMBER_AT, 4, record->number);
	little_put(at + FIRST_AT, 4, record->first);
	memcpy(at + ID_AT, record->id.text, sizeof record->id.text);
	little_put(at + CHECK_AT, 4, check_of(at, record->length));
}

/* The id is NUL-terminated and zeros follow. */
static bool
take_id(const char *at, struct queue_id *id)
{
	char text[sizeof id->text];

	memcpy(text, at, sizeof text);
	text[sizeof text - 1] = '\0';
	return id_parse(span_text(text), id) &&
	    memcmp(at, id->text, sizeof id->text) == 0;
}

bool
segment_record_decode(struct span bytes, struct segment_record *record)
{
	if (bytes.len < SEGMENT_RECORD_HEAD ||
	    !span_starts(bytes, RECORD_MAGIC))
		return false;
	record->generation = little_get(bytes.at + RECORD_GENERATION_AT, 8);
	record->length = little_get32(bytes.at + LENGTH_AT);
	record->number = little_get32(bytes.at + NUMBER_AT);
	record->first = little_get32(bytes.at + FIRST_AT);
	return record->length >= SEGMENT_RECORD_HEAD &&
	    record->length <= SEGMENT_RECORD_MAXIMUM &&
	    record->length <= bytes.len && record->first <= record->number &&
	    little_get32(bytes.at + CHECK_AT) ==
	    check_of(bytes.at, record->length) &&
	    take_id(bytes.at + ID_AT, &record->id);
}

uint32_t
segment_make(uint32_t writer, uint32_t n)
{
	must(writer < ID_WRITERS && n >= 1 && n <= N_MAXIMUM);
	return writer << N_BITS | n;
}

uint32_t
segment_writer_of(uint32_t segment)
{
	return segment >> N_BITS;
}

void
segment_name(uint32_t segment, char name[SEGMENT_NAME_SIZE])
{
	snprintf(name, SEGMENT_NAME_SIZE, SEGMENT_NAME_START "%u.%u",
	    segment_writer_of(segment), segment & N_MAXIMUM);
}

bool
segment_name_parse(struct span name, uint32_t *segment)
{
	struct span start = SPAN(SEGMENT_NAME_START);
	char canonical[SEGMENT_NAME_SIZE];
	struct span writer, n;
	uint64_t numbers[2];

	if (!span_starts(name, start) ||
	    !span_split(span_skip(name, start.len), '.', &writer, &n) ||
	    !number_parse(writer, ID_WRITERS - 1, &numbers[0]) ||
	    !number_parse(n, N_MAXIMUM, &numbers[1]) || numbers[1] == 0)
		return false;
	*segment = segment_make((uint32_t)numbers[0], (uint32_t)numbers[1]);
	segment_name(*segment, canonical);
	return span_equal(name, span_text(canonical));
}
