/* SPDX-License-Identifier: MIT */
/* Segments and done records: read as they are, and once more with all checks
 * made good, so that what lies behind the checks is reached. */
#include <sys/mman.h>

#include <unistd.h>

#include "lib/base/crc32c.h"
#include "lib/base/io.h"
#include "lib/queue/done_record.h"
#include "lib/queue/little.h"
#include "lib/queue/segment_contents.h"
#include "lib/queue/stored_private.h"

enum {
	SIZE_MAXIMUM = 65536,
	POOL_MAXIMUM = 1024 * 1024
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* As far as the lengths go. */
static void
repair(char *bytes, size_t count)
{
	uint64_t generation;

	if (count < SEGMENT_PAGE)
		return;
	memcpy(bytes, "PosternS\1\0\0", 12);
	little_put(bytes + 60, 4, crc32c(0, span_of(bytes, 60)));
	generation = little_get(bytes + 16, 8);
	for (size_t at = SEGMENT_PAGE; at + SEGMENT_RECORD_HEAD <= count;) {
		char *record = bytes + at;
		uint32_t length = little_get32(record + 16);

		if (memcmp(record, "PosternR", 8) != 0 ||
		    length < SEGMENT_RECORD_HEAD || length > count - at) {
			at += SEGMENT_ALIGNMENT;
			continue;
		}
		little_put(record + 8, 8, generation);
		little_put(record + 28, 4, 0);
		little_put(record + 28, 4, crc32c(0, span_of(record, length)));
		at += segment_round(length);
	}
}

/* What a record holds is a queue file, or is found not to be one. */
static void
read_image(const char *bytes, const struct segment_entry *entry)
{
	struct locator locator = {.id = entry->id, .place = PLACE_INCOMING};
	struct pool *pool = pool_create(NULL, "fuzz", POOL_MAXIMUM);
	int fd = memfd_create("image", MFD_CLOEXEC);
	enum stored_result result;
	struct stored *stored;
	struct error error;

	must(fd >= 0 &&
	    io_write(fd,
		span_of(bytes + entry->offset + SEGMENT_RECORD_HEAD,
		    entry->length - SEGMENT_RECORD_HEAD),
		NULL));
	stored = stored_open_fd(pool, &locator, fd, &result, &error);
	must((stored != NULL) == (result == STORED_COMPLETE));
	pool_destroy(pool);
}

static void
try_segment(const char *bytes, size_t count)
{
	struct segment_contents contents;
	enum segment_head_result result =
	    segment_contents_read(span_of(bytes, count), &contents);
	uint32_t next = 0;
	uint64_t end = SEGMENT_PAGE;

	must(result != SEGMENT_EMPTY || contents.count == 0);
	for (size_t i = 0; i < contents.count; i++) {
		const struct segment_entry *entry = &contents.entries[i];

		must(entry->number >= next && entry->offset >= end);
		must(entry->offset + entry->length <= count);
		next = entry->number + 1;
		end = entry->offset + entry->length;
		read_image(bytes, entry);
	}
	must(contents.numbers == next);
	for (size_t i = 0; i < contents.gap_count; i++) {
		const struct segment_gap *gap = &contents.gaps[i];

		must(gap->count > 0 && gap->number + gap->count <= next);
		must(gap->where.offset + gap->where.length <= count);
	}
	segment_contents_finish(&contents);
}

static void
try_records(const char *bytes, size_t count)
{
	for (; count >= DONE_RECORD_SIZE;
	     bytes += DONE_RECORD_SIZE, count -= DONE_RECORD_SIZE) {
		char again[DONE_RECORD_SIZE];
		struct done_record record;

		memcpy(again, bytes, sizeof again);
		little_put(again + 28, 4, crc32c(0, span_of(again, 28)));
		if (!done_record_decode(again, &record))
			continue;
		done_record_encode(&record, again);
		must(memcmp(again, bytes, 28) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static char copy[SIZE_MAXIMUM];

	if (count > sizeof copy)
		return 0;
	memcpy(copy, bytes, count);
	try_records(copy, count);
	try_segment(copy, count);
	repair(copy, count);
	try_segment(copy, count);
	return 0;
}
