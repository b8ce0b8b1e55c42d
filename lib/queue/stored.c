/* SPDX-License-Identifier: MIT */
#include "lib/queue/stored.h"

#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/queue/journal_walk.h"
#include "lib/queue/segment_message.h"
#include "lib/queue/store_private.h"
#include "lib/queue/store_segments.h"
#include "lib/queue/stored_parse.h"
#include "lib/queue/stored_private.h"
#include "lib/queue/window.h"

enum {
	SLICE_BYTES = 32768
};

static bool
no_memory(struct error *error)
{
	return error_set(error, ERROR_LIMIT, "message is too large to read");
}

static void
close_fd(void *argument)
{
	struct stored_private *private = argument;

	io_close(&private->source.fd);
}

struct stored *
stored_create(struct pool *pool, const struct locator *locator, int fd)
{
	struct stored *stored = pool_alloc(pool, sizeof *stored);
	struct stored_private *private = pool_alloc(pool, sizeof *private);

	if (stored == NULL || private == NULL) {
		io_close(&fd);
		return NULL;
	}
	private->source.fd = fd;
	pool_on_destroy(pool, close_fd, private);
	stored->private = private;
	stored->locator = *locator;
	for (int i = 0; i < ATTRIBUTE_COUNT; i++)
		stored->attribute[i] = SPAN_EMPTY;
	return stored;
}

struct stored *
stored_open_fd(struct pool *pool, const struct locator *locator, int fd,
    enum stored_result *result, struct error *error)
{
	struct stored *stored = stored_create(pool, locator, fd);

	if (stored == NULL) {
		*result = STORED_FAILED;
		no_memory(error);
		return NULL;
	}
	*result = stored_parse(pool, stored, error);
	if (*result == STORED_COMPLETE)
		return stored;
	io_close(&stored->private->source.fd);
	return NULL;
}

static enum stored_result
result_of(const struct error *error)
{
	if (error->kind == ERROR_NOT_FOUND)
		return STORED_GONE;
	return error->kind == ERROR_INVALID ? STORED_CORRUPT : STORED_FAILED;
}

struct stored *
stored_open(struct pool *pool, struct store *store,
    const struct locator *locator, enum stored_result *result,
    struct error *error)
{
	struct error ignored;
	int fd;

	if (error == NULL)
		error = &ignored;
	if (store_is_light(locator))
		return segment_message_open(
		    pool, store, locator, result, error);
	if (!spool_open_file(&store->spool, locator, O_RDONLY, &fd, error)) {
		*result = result_of(error);
		return NULL;
	}
	return stored_open_fd(pool, locator, fd, result, error);
}

bool
stored_verify_content(const struct stored *stored, struct error *error)
{
	const struct stored_private *private = stored->private;
	struct extent content = private->head.body_area;
	struct window window;
	bool read;

	/* The header follows the body area without a gap. */
	content.length += private->head.header.extent.length;
	window_init(&window, &private->source, content, 0);
	read = window_read_all(&window, error);
	window_finish(&window);
	if (!read)
		return false;
	return window.check == private->end.content_check ||
	    error_set(error, ERROR_INVALID, "content: damaged");
}

uint64_t
stored_size(const struct stored *stored)
{
	return stored->header.extent.length + stored->body.extent.length;
}

bool
stored_read_part(const struct stored *stored, const struct part *part,
    struct extent range, char *bytes, struct error *error)
{
	must(range.offset <= part->extent.length &&
	    range.length <= part->extent.length - range.offset);
	return source_read(&stored->private->source, bytes,
	    (size_t)range.length, part->extent.offset + range.offset, error);
}

/* What is left of the area that the cursor is in. */
static struct extent
rest_of_area(const struct format_head *head, const struct stored_cursor *cursor)
{
	struct extent area = head->recipients;
	uint64_t skipped = cursor->offset;

	if (skipped >= area.length) {
		skipped -= area.length;
		area = head->added;
	}
	must(skipped <= area.length);
	area.offset += skipped;
	area.length -= skipped;
	return area;
}

/* Decodes what is whole in `bytes`, at most `maximum`. */
static bool
take_recipients(struct span bytes, size_t maximum, struct stored_slice *slice,
    struct stored_cursor *cursor, struct error *error)
{
	size_t before = bytes.len;

	while (slice->count < maximum && bytes.len > 0) {
		struct stored_recipient *next =
		    &slice->recipients[slice->count];
		enum record_result result = record_take_recipient(&bytes, next);

		if (result == RECORD_SHORT && slice->count > 0)
			break;
		if (result != RECORD_TAKEN ||
		    next->number != cursor->number + slice->count)
			return error_set(
			    error, ERROR_INVALID, "recipients: damaged");
		slice->count++;
	}
	cursor->offset += before - bytes.len;
	return true;
}

static bool
read_states(struct pool *pool, const struct stored *stored,
    struct stored_slice *slice, struct error *error)
{
	uint64_t first = slice->recipients[0].number;
	size_t size = slice->count * FORMAT_STATE_SIZE;
	char *words = pool_alloc(pool, size);

	if (words == NULL)
		return no_memory(error);
	if (!source_read(&stored->private->source, words, size,
		stored->private->head.states.offset + first * FORMAT_STATE_SIZE,
		error))
		return false;
	for (size_t i = 0; i < slice->count; i++)
		if (!format_state_decode(words + i * FORMAT_STATE_SIZE,
			&slice->recipients[i].state))
			return error_set(error, ERROR_INVALID,
			    "state of a recipient: damaged");
	return true;
}

bool
stored_read_some(struct pool *pool, const struct stored *stored, size_t most,
    struct stored_cursor *cursor, struct stored_slice *slice,
    struct error *error)
{
	struct extent area = rest_of_area(&stored->private->head, cursor);
	size_t maximum = stored->recipient_count - cursor->number;
	size_t size =
	    area.length < SLICE_BYTES ? (size_t)area.length : SLICE_BYTES;
	char *bytes;

	*slice = (struct stored_slice){.count = 0};
	if (maximum == 0)
		return true;
	if (maximum > most)
		maximum = most;
	if (maximum > STORED_SLICE_MAXIMUM)
		maximum = STORED_SLICE_MAXIMUM;
	bytes = pool_alloc(pool, size);
	slice->recipients =
	    pool_alloc(pool, maximum * sizeof *slice->recipients);
	if (bytes == NULL || slice->recipients == NULL)
		return no_memory(error);
	if (!source_read(
		&stored->private->source, bytes, size, area.offset, error) ||
	    !take_recipients(
		span_of(bytes, size), maximum, slice, cursor, error) ||
	    !read_states(pool, stored, slice, error))
		return false;
	cursor->number += (uint32_t)slice->count;
	return true;
}

bool
stored_read_recipients(struct pool *pool, const struct stored *stored,
    struct stored_cursor *cursor, struct stored_slice *slice,
    struct error *error)
{
	return stored_read_some(
	    pool, stored, STORED_SLICE_MAXIMUM, cursor, slice, error);
}

/* Where the last reason of a recipient stands. */
struct reason_place {
	uint64_t offset; /* 0 = none */
	uint32_t count;
};

/* The index of the recipient in the slice, or slice->count. */
static size_t
find_number(const struct stored_slice *slice, uint32_t number)
{
	size_t low = 0;
	size_t high = slice->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (slice->recipients[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < slice->count && slice->recipients[low].number == number
	    ? low
	    : slice->count;
}

static bool
find_reasons(const struct stored *stored, const struct stored_slice *slice,
    struct reason_place *places, struct error *error)
{
	struct journal_walk walk;

	journal_walk_init(
	    &walk, &stored->private->source, stored->private->journal);
	while (journal_walk_next(&walk)) {
		size_t i = walk.entry.type == JOURNAL_REASON
		    ? find_number(slice, walk.entry.reason.recipient)
		    : slice->count;

		if (i < slice->count)
			places[i] =
			    (struct reason_place){walk.offset, walk.count - 1};
	}
	journal_walk_finish(&walk);
	if (walk.error.kind == ERROR_NONE)
		return true;
	if (error != NULL)
		*error = walk.error;
	return false;
}

static bool
copy_reason(struct pool *pool, const struct stored_reason *from,
    struct stored_reason *to, struct error *error)
{
	to->success = from->success;
	if (pool_copy_span(pool, from->status, &to->status) &&
	    pool_copy_span(pool, from->remote, &to->remote) &&
	    pool_copy_span(pool, from->diagnostic, &to->diagnostic) &&
	    pool_copy_span(pool, from->text, &to->text))
		return true;
	return no_memory(error);
}

static bool
read_reason(struct pool *pool, const struct stored *stored,
    const struct reason_place *place, struct stored_reason *reason,
    struct error *error)
{
	const struct extent *journal = &stored->private->journal;
	uint64_t left = journal->offset + journal->length - place->offset;
	struct journal_entry entry;
	struct window window;
	bool copied;

	if (left > JOURNAL_RECORD_MAXIMUM)
		left = JOURNAL_RECORD_MAXIMUM;
	window_init(&window, &stored->private->source,
	    (struct extent){place->offset, left}, 0);
	copied = window_fill(&window, error);
	if (copied &&
	    journal_take(&window.rest, place->count, &entry) == JOURNAL_TAKEN)
		copied = copy_reason(pool, &entry.reason, reason, error);
	window_finish(&window);
	return copied;
}

bool
stored_read_reasons(struct pool *pool, const struct stored *stored,
    const struct stored_slice *slice, struct stored_reason *reasons,
    struct error *error)
{
	struct reason_place *places;

	if (slice->count == 0)
		return true;
	places = pool_alloc(pool, slice->count * sizeof *places);
	if (places == NULL)
		return no_memory(error);
	if (!find_reasons(stored, slice, places, error))
		return false;
	for (size_t i = 0; i < slice->count; i++) {
		reasons[i] = (struct stored_reason){
		    .recipient = slice->recipients[i].number,
		    .status = SPAN_EMPTY,
		    .remote = SPAN_EMPTY,
		    .diagnostic = SPAN_EMPTY,
		    .text = SPAN_EMPTY};
		if (places[i].offset != 0 &&
		    !read_reason(pool, stored, &places[i], &reasons[i], error))
			return false;
	}
	return true;
}

int
stored_content_fd(const struct stored *stored)
{
	return stored->private->source.fd;
}

bool
stored_next_attribute(
    struct span *attributes, struct span *name, struct span *value)
{
	return attributes->len > 0 &&
	    record_take_attribute(attributes, name, value);
}
