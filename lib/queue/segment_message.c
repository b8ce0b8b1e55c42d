/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment_message.h"

#include <sys/file.h>
#include <sys/sendfile.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/queue/store_private.h"
#include "lib/queue/stored_parse.h"
#include "lib/queue/stored_private.h"

enum {
	MOVE_POOL_MAXIMUM = 4 * 1024 * 1024
};

/* ---- reading ---- */

static struct segment *
take(struct store *store, const struct locator *locator, struct error *error)
{
	return segment_table_take(&store->segments, locator->in.segment,
	    locator->in.generation, error);
}

/* The bytes of the record, in the pool. */
static bool
read_bytes(struct pool *pool, const struct segment *segment,
    const struct locator_segment *in, struct span *bytes, struct error *error)
{
	char *memory;

	if (in->length < SEGMENT_RECORD_HEAD ||
	    in->length > SEGMENT_RECORD_MAXIMUM)
		return error_set(
		    error, ERROR_INVALID, "no record has such a length");
	memory = pool_alloc(pool, in->length);
	if (memory == NULL)
		return error_set(
		    error, ERROR_LIMIT, "message is too large to read");
	*bytes = span_of(memory, in->length);
	if (io_pread(segment->fd, memory, in->length, (off_t)in->offset, error))
		return true;
	if (error->kind == ERROR_CLOSED)
		error->kind = ERROR_INVALID;
	return false;
}

static bool
check_record(
    struct span bytes, const struct locator *locator, struct error *error)
{
	struct segment_record record;

	if (segment_record_decode(bytes, &record) &&
	    record.generation == locator->in.generation &&
	    record.number == locator->in.number &&
	    record.length == locator->in.length &&
	    id_equal(&record.id, &locator->id))
		return true;
	return error_set(error, ERROR_INVALID, "record in a segment: damaged");
}

/* What done records say about single recipients goes into the copy of the
 * states. */
static void
overlay_states(
    struct store *store, struct segment *segment, struct stored *stored)
{
	const struct extent *states = &stored->private->head.states;
	struct done_record record;
	size_t position = 0;

	while (segment_table_next_partial(&store->segments, segment,
	    stored->locator.in.number, &position, &record)) {
		enum recipient_state before;
		char *word;

		if (record.recipient >= stored->recipient_count)
			continue;
		word = (char *)(uintptr_t)stored->private->source.memory.at +
		    states->offset +
		    (uint64_t)record.recipient * FORMAT_STATE_SIZE;
		must(format_state_decode(word, &before));
		if (before == RECIPIENT_TODO)
			stored->outstanding--;
		memcpy(
		    word, format_state_word(record.state), FORMAT_STATE_SIZE);
	}
}

static enum stored_result
read_message(struct pool *pool, struct store *store, struct segment *segment,
    struct stored *stored, struct error *error)
{
	const struct locator *locator = &stored->locator;
	enum stored_result result;
	struct span bytes;

	if (segment_table_is_done(
		&store->segments, segment, locator->in.number)) {
		error_set(error, ERROR_NOT_FOUND, "done");
		return STORED_GONE;
	}
	if (!read_bytes(pool, segment, &locator->in, &bytes, error) ||
	    !check_record(bytes, locator, error))
		return error->kind == ERROR_INVALID ? STORED_CORRUPT
						    : STORED_FAILED;
	stored->private->source.memory = span_skip(bytes, SEGMENT_RECORD_HEAD);
	result = stored_parse(pool, stored, error);
	if (result == STORED_COMPLETE)
		overlay_states(store, segment, stored);
	/* A record whose check is right has a whole file in it. */
	return result == STORED_NEVER_ACCEPTED || result == STORED_NEWER
	    ? STORED_CORRUPT
	    : result;
}

struct stored *
segment_message_open(struct pool *pool, struct store *store,
    const struct locator *locator, enum stored_result *result,
    struct error *error)
{
	struct stored *stored = stored_create(pool, locator, -1);
	struct segment *segment;

	if (stored == NULL) {
		*result = STORED_FAILED;
		error_set(error, ERROR_LIMIT, "message is too large to read");
		return NULL;
	}
	segment = take(store, locator, error);
	if (segment == NULL) {
		*result = error->kind == ERROR_NOT_FOUND ? STORED_GONE
							 : STORED_FAILED;
		return NULL;
	}
	*result = read_message(pool, store, segment, stored, error);
	segment_table_release(&store->segments, segment);
	return *result == STORED_COMPLETE ? stored : NULL;
}

/* ---- recording ---- */

/* Until the records could be opened (the disk is full) nothing may be said of
 * a message in a segment. */
static bool
is_recordable(struct store *store, struct error *error)
{
	return segment_table_is_owned(&store->segments) ||
	    error_set(error, ERROR_TEMPORARY,
		"the done records of segments are not open");
}

bool
segment_message_mark(struct store *store, const struct locator *locator,
    const struct store_mark *marks, size_t count, struct error *error)
{
	struct segment *segment;

	if (!is_recordable(store, error))
		return false;
	segment = take(store, locator, error);
	if (segment == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		segment_table_mark(&store->segments, segment,
		    locator->in.number, marks[i].recipient, marks[i].state);
	segment_table_release(&store->segments, segment);
	return true;
}

bool
segment_message_done(
    struct store *store, const struct locator *locator, struct error *error)
{
	struct store_mark all = {DONE_RECORD_ALL, RECIPIENT_DONE};

	return segment_message_mark(store, locator, &all, 1, error);
}

/* ---- moving out ---- */

static struct locator
own_locator(const struct locator *locator, enum locator_place place)
{
	return (struct locator){.id = locator->id, .place = place};
}

/* All but the head first, as own_file.c does. */
static bool
write_file(int fd, struct span image, struct error *error)
{
	if (!io_pwrite(fd, span_skip(image, FORMAT_HEAD_SIZE), FORMAT_HEAD_SIZE,
		error) ||
	    !io_pwrite(fd, span_head(image, FORMAT_HEAD_SIZE), 0, error))
		return false;
	/* A hint: the disk may begin before the fsync. */
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return true;
}

/* What cannot be removed is a matter for the next scan. */
static void
take_back(struct store *store, const struct locator *own, int *fd)
{
	(void)!spool_remove(&store->spool, own, NULL);
	io_close(fd);
}

static bool
write_own_file(struct store *store, const struct stored *stored,
    const struct locator *own, int *fd, struct error *error)
{
	if (!spool_create(&store->spool, own, fd, error))
		return false;
	if (write_file(*fd, stored->private->source.memory, error))
		return true;
	take_back(store, own, fd);
	return error_prefix(error, "%s", own->id.text);
}

bool
segment_message_begin_copy(struct store *store, const struct locator *locator,
    struct segment_copy *copy, struct error *error)
{
	struct pool *pool = pool_create(NULL, "move", MOVE_POOL_MAXIMUM);
	enum stored_result result;
	struct stored *stored =
	    segment_message_open(pool, store, locator, &result, error);
	bool written;

	copy->own = own_locator(locator, PLACE_INCOMING);
	written = stored != NULL &&
	    write_own_file(store, stored, &copy->own, &copy->fd, error);
	pool_destroy(pool);
	return written;
}

bool
segment_message_end_copy(
    struct store *store, struct segment_copy *copy, struct error *error)
{
	if (spool_sync_file(
		&store->spool, copy->fd, false, copy->own.id.text, error)) {
		io_close(&copy->fd);
		return true;
	}
	take_back(store, &copy->own, &copy->fd);
	return false;
}

bool
segment_message_move_out(
    struct store *store, struct locator *locator, struct error *error)
{
	struct segment_copy copy;

	if (!is_recordable(store, error) ||
	    !segment_message_begin_copy(store, locator, &copy, error) ||
	    !segment_message_end_copy(store, &copy, error))
		return false;
	if (!spool_sync(&store->spool, PLACE_INCOMING, error)) {
		take_back(store, &copy.own, &copy.fd);
		return false;
	}
	/* From here on the own file counts. A done record that cannot be
	 * written now stays queued; should it be lost, adoption meets both. */
	if (segment_message_done(store, locator, error) &&
	    segment_table_flush(&store->segments, error))
		(void)!segment_table_sync(&store->segments, error);
	*locator = copy.own;
	return true;
}

/* ---- adopting ---- */

enum twin {
	TWIN_NONE,
	TWIN_WHOLE, /* the move was made, its done record is missing */
	TWIN_FAILED
};

/* An own file of the same id: what a kill has left of a move. */
static enum twin
judge_twin(struct pool *pool, struct store *store,
    const struct locator *locator, struct error *error)
{
	struct locator own = own_locator(locator, PLACE_INCOMING);
	enum stored_result result;

	if (!spool_exists(&store->spool, &own))
		return TWIN_NONE;
	if (store_adopt(pool, store, &own, &result, error) != NULL)
		return TWIN_WHOLE;
	return result == STORED_NEVER_ACCEPTED || result == STORED_CORRUPT ||
		result == STORED_GONE
	    ? TWIN_NONE
	    : TWIN_FAILED;
}

static bool
end_move(
    struct store *store, const struct locator *locator, struct error *error)
{
	struct locator own = own_locator(locator, PLACE_INCOMING);

	/* Nobody knows how far the one who wrote it has come. */
	return store_sync(store, &own, error) &&
	    spool_sync(&store->spool, PLACE_INCOMING, error) &&
	    segment_message_done(store, locator, error) &&
	    segment_table_flush(&store->segments, error);
}

struct stored *
segment_message_adopt(struct pool *pool, struct store *store,
    const struct locator *locator, enum stored_result *result,
    struct error *error)
{
	enum twin twin = judge_twin(pool, store, locator, error);

	if (twin == TWIN_WHOLE && end_move(store, locator, error)) {
		*result = STORED_GONE;
		error_set(error, ERROR_NOT_FOUND, "has its own file already");
		return NULL;
	}
	if (twin != TWIN_NONE) {
		*result = STORED_FAILED;
		return NULL;
	}
	return segment_message_open(pool, store, locator, result, error);
}

/* ---- setting aside ---- */

/* The file that the record holds, copied by the kernel: whoever sets a message
 * aside does not trust himself to look at it. */
static bool
copy_record(const struct segment *segment, const struct locator_segment *in,
    int fd, struct error *error)
{
	off_t offset = (off_t)in->offset + SEGMENT_RECORD_HEAD;
	size_t left = in->length - SEGMENT_RECORD_HEAD;

	while (left > 0) {
		ssize_t put = sendfile(fd, segment->fd, &offset, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0
			    ? error_system(error, "copy a record")
			    : error_set(error, ERROR_INVALID,
				  "the segment ends before the record");
		left -= (size_t)put;
	}
	return true;
}

static bool
write_aside(struct store *store, const struct segment *segment,
    const struct locator *locator, struct error *error)
{
	struct locator own = own_locator(locator, PLACE_CORRUPT);
	bool written;
	int fd;

	if (locator->in.length < SEGMENT_RECORD_HEAD)
		return error_set(
		    error, ERROR_INVALID, "no record has such a length");
	/* A copy of ours there was not finished. */
	if (!spool_remove(&store->spool, &own, error) ||
	    !spool_create(&store->spool, &own, &fd, error))
		return false;
	written = copy_record(segment, &locator->in, fd, error) &&
	    (fsync(fd) == 0 || error_system(error, "fsync")) &&
	    spool_sync(&store->spool, PLACE_CORRUPT, error);
	io_close(&fd);
	return written;
}

bool
segment_message_set_aside(
    struct store *store, struct locator *locator, struct error *error)
{
	struct segment *segment = take(store, locator, error);
	bool good;

	if (segment == NULL)
		return false;
	good = write_aside(store, segment, locator, error);
	segment_table_release(&store->segments, segment);
	if (!good || !segment_message_done(store, locator, error) ||
	    !segment_table_flush(&store->segments, error))
		return false;
	*locator = own_locator(locator, PLACE_CORRUPT);
	return true;
}
