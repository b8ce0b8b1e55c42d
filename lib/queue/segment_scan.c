/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment_scan.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/queue/store_private.h"

enum {
	GAP_NAME_SIZE = SEGMENT_NAME_SIZE + 12
};

/* A segment's bytes, and what is in them. */
struct reading {
	struct segment *segment;
	char *bytes;
	size_t size;
	enum segment_head_result result;
	struct segment_contents contents;
};

static bool
read_file(struct reading *reading, struct error *error)
{
	struct stat status;

	if (fstat(reading->segment->fd, &status) < 0)
		return error_system(error, "stat of a segment");
	if (status.st_size > SEGMENT_SIZE_MAXIMUM)
		return error_set(
		    error, ERROR_INVALID, "a segment is too large");
	reading->size = (size_t)status.st_size;
	reading->bytes = memory_alloc(reading->size + 1);
	if (!io_pread(
		reading->segment->fd, reading->bytes, reading->size, 0, error))
		return false;
	reading->result = segment_contents_read(
	    span_of(reading->bytes, reading->size), &reading->contents);
	return true;
}

/* The bytes between two sound records, for whoever wants to look. */
static bool
set_gap_aside(struct store *store, const struct reading *reading,
    const struct extent *where, struct error *error)
{
	char segment[SEGMENT_NAME_SIZE], name[GAP_NAME_SIZE];
	bool written;
	int fd;

	segment_name(reading->segment->id, segment);
	snprintf(name, sizeof name, "%s.%x", segment, (unsigned)where->offset);
	fd = openat(store->spool.directory[PLACE_CORRUPT], name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
	if (fd < 0 && errno == EEXIST)
		return true;
	if (fd < 0)
		return error_system(error, "create corrupt/%s", name);
	written = io_pwrite(fd,
		      span_of(reading->bytes + where->offset, where->length), 0,
		      error) &&
	    (fsync(fd) == 0 || error_system(error, "fsync"));
	io_close(&fd);
	return written;
}

/* Of the messages in the gap those that were not done. A segment whose next use
 * was cut off by the end of its writer has lost only what was. */
static uint32_t
count_lost(struct store *store, const struct reading *reading,
    const struct segment_gap *gap)
{
	uint32_t lost = 0;

	for (uint32_t i = 0; i < gap->count; i++)
		lost += !segment_table_is_done(
		    &store->segments, reading->segment, gap->number + i);
	return lost;
}

/* Sets aside what is damaged; *lost says how many messages that is. */
static bool
set_damage_aside(struct store *store, const struct reading *reading,
    uint32_t *lost, struct error *error)
{
	const struct segment_contents *contents = &reading->contents;
	struct extent whole = {0, reading->size};

	*lost = 0;
	for (size_t i = 0; i < contents->gap_count; i++) {
		const struct segment_gap *gap = &contents->gaps[i];
		uint32_t count = count_lost(store, reading, gap);

		if (count > 0 &&
		    !set_gap_aside(store, reading, &gap->where, error))
			return false;
		*lost += count;
	}
	return reading->result != SEGMENT_DAMAGED || contents->count > 0 ||
	    set_gap_aside(store, reading, &whole, error);
}

/* The writer has ended: all there will ever be is known. */
static bool
take_over(
    struct store *store, const struct reading *reading, struct error *error)
{
	char name[SEGMENT_NAME_SIZE];
	uint32_t lost;

	if (segment_table_is_adopted(&store->segments, reading->segment))
		return true;
	if (!set_damage_aside(store, reading, &lost, error))
		return false;
	segment_table_adopt(
	    &store->segments, reading->segment, &reading->contents);
	segment_name(reading->segment->id, name);
	if (lost > 0)
		segment_table_report(&store->segments,
		    "%s is damaged: %u messages set aside in corrupt", name,
		    lost);
	else if (reading->result == SEGMENT_DAMAGED)
		segment_table_report(
		    &store->segments, "the head of %s is damaged", name);
	return true;
}

static bool
has_own_file(struct store *store, const struct queue_id *id)
{
	struct locator own = {.id = *id, .place = PLACE_INCOMING};

	return spool_exists(&store->spool, &own);
}

/* Whoever only reads leaves it to the owner to find out which of two counts. */
static void
list(struct store *store, const struct reading *reading,
    struct locator **locators, size_t *count)
{
	const struct segment_contents *contents = &reading->contents;

	if (contents->count == 0)
		return;
	*locators = memory_alloc(contents->count * sizeof **locators);
	for (size_t i = 0; i < contents->count; i++) {
		const struct segment_entry *entry = &contents->entries[i];

		if (segment_table_is_done(
			&store->segments, reading->segment, entry->number) ||
		    (!store->segments.is_owned &&
			has_own_file(store, &entry->id)))
			continue;
		(*locators)[(*count)++] = (struct locator){
		    .id = entry->id,
		    .place = PLACE_INCOMING,
		    .in = {.segment = reading->segment->id,
			.number = entry->number,
			.offset = entry->offset,
			.length = entry->length,
			.generation = contents->generation},
		};
	}
}

static bool
read_segment(struct store *store, uint32_t segment, struct locator **locators,
    size_t *count, struct error *error)
{
	struct reading reading = {.bytes = NULL};
	bool is_orphan, good;

	reading.segment =
	    segment_table_take_current(&store->segments, segment, error);
	if (reading.segment == NULL)
		return error->kind == ERROR_NOT_FOUND;
	/* Before the reading: nobody writes from here on. */
	is_orphan = segment_table_lock(&store->segments, reading.segment);
	good = read_file(&reading, error) &&
	    (!is_orphan || take_over(store, &reading, error));
	if (good && reading.contents.generation == reading.segment->generation)
		list(store, &reading, locators, count);
	segment_contents_finish(&reading.contents);
	free(reading.bytes);
	segment_table_release(&store->segments, reading.segment);
	return good;
}

bool
segment_scan_read(struct store *store, uint32_t segment,
    struct locator **locators, size_t *count, struct error *error)
{
	char name[SEGMENT_NAME_SIZE];
	void *token;
	bool good;

	*locators = NULL;
	*count = 0;
	if (segment_avoid_has(&store->avoid, segment))
		return true;
	if (store->watch.begin == NULL)
		return read_segment(store, segment, locators, count, error);
	segment_name(segment, name);
	token = store->watch.begin(name);
	good = read_segment(store, segment, locators, count, error);
	store->watch.end(token);
	return good;
}
