/* SPDX-License-Identifier: MIT */
#include "lib/queue/dissect.h"

#include <fcntl.h>

#include "lib/base/io.h"
#include "lib/queue/journal_walk.h"
#include "lib/queue/store_private.h"
#include "lib/queue/store_segments.h"
#include "lib/queue/stored_private.h"

enum {
	CHUNK = 2048
};

struct dissection {
	const struct source *source;
	const struct dissect_events *events;
	void *owner;
	uint64_t size;
	enum format_result result; /* of the head */
	struct format_head head;
	uint32_t check; /* of the envelope so far */
};

static void
close_fd(void *argument)
{
	int *fd = argument;

	io_close(fd);
}

bool
dissect_open(struct pool *pool, struct store *store,
    const struct locator *locator, struct source *source, struct error *error)
{
	enum stored_result result;
	const struct stored *stored;
	int *fd;

	*source = (struct source){.fd = -1};
	if (store_is_light(locator)) {
		stored = stored_open(pool, store, locator, &result, error);
		if (stored != NULL)
			source->memory = stored->private->source.memory;
		return stored != NULL;
	}
	fd = pool_alloc(pool, sizeof *fd);
	must(fd != NULL);
	if (!spool_open_file(&store->spool, locator, O_RDONLY, fd, error))
		return false;
	pool_on_destroy(pool, close_fd, fd);
	source->fd = *fd;
	return true;
}

static void
tell_damage(const struct dissection *dissection, uint64_t offset,
    uint64_t length, const char *what)
{
	dissection->events->damage(dissection->owner, offset, length, what);
}

/* ---- the head ---- */

static bool
read_head(struct dissection *dissection, const struct source *source,
    struct error *error)
{
	char bytes[FORMAT_HEAD_SIZE];
	size_t count;

	dissection->source = source;
	if (!source_size(source, &dissection->size, error))
		return false;
	count = dissection->size < sizeof bytes ? (size_t)dissection->size
						: sizeof bytes;
	if (!source_read(source, bytes, count, 0, error))
		return false;
	dissection->result = format_head_decode(
	    span_of(bytes, count), dissection->size, &dissection->head);
	return true;
}

static void
show_head(const struct dissection *dissection)
{
	static const char *const words[] = {
	    [FORMAT_NEVER_ACCEPTED] =
		"head: empty, the message was never accepted",
	    [FORMAT_NEWER] = "head: of a newer format",
	    [FORMAT_CORRUPT] = "head: damaged, or the file is shorter than it "
			       "says",
	};

	if (dissection->result == FORMAT_COMPLETE)
		dissection->events->head(dissection->owner, &dissection->head);
	else
		tell_damage(dissection, 0,
		    dissection->size < FORMAT_HEAD_SIZE ? dissection->size
							: FORMAT_HEAD_SIZE,
		    words[dissection->result]);
}

/* ---- recipients ---- */

static void
show_recipient(const struct dissection *dissection, uint64_t offset,
    uint64_t number, struct stored_recipient *recipient)
{
	const struct format_head *head = &dissection->head;
	uint64_t at = head->states.offset + number * FORMAT_STATE_SIZE;
	char word[FORMAT_STATE_SIZE];

	recipient->state = RECIPIENT_TODO;
	if (recipient->number != number)
		tell_damage(dissection, offset, 8, "number of a recipient");
	if (dissection->result == FORMAT_COMPLETE &&
	    number < head->recipient_count &&
	    (!source_read(dissection->source, word, sizeof word, at, NULL) ||
		!format_state_decode(word, &recipient->state)))
		tell_damage(
		    dissection, at, sizeof word, "state of this recipient");
	dissection->events->recipient(dissection->owner, offset, recipient);
}

/* Returns the offset behind the last sound record. */
static uint64_t
show_recipients(
    struct dissection *dissection, struct extent area, uint64_t *number)
{
	struct stored_recipient recipient;
	uint64_t end = area.offset;
	struct window window;
	bool good = true;

	window_init(&window, dissection->source, area, dissection->check);
	while (good && (window.rest.len > 0 || !window_is_last(&window))) {
		enum record_result result =
		    record_take_recipient(&window.rest, &recipient);

		if (result == RECORD_SHORT && !window_is_last(&window)) {
			good = window_fill(&window, NULL);
		} else if (result != RECORD_TAKEN) {
			good = false;
		} else {
			show_recipient(
			    dissection, end, (*number)++, &recipient);
			end = window.ahead.offset - window.rest.len;
		}
	}
	(void)!window_read_all(&window, NULL);
	dissection->check = window.check;
	window_finish(&window);
	if (dissection->result == FORMAT_COMPLETE &&
	    end < area.offset + area.length)
		tell_damage(dissection, end, area.offset + area.length - end,
		    "recipients: no sound record, the rest is not shown");
	return end;
}

/* ---- attributes ---- */

static void
show_attributes(struct dissection *dissection)
{
	struct extent area = dissection->head.attributes;
	struct buf bytes;
	struct span rest, name, value;
	char *room;

	buf_init(&bytes, FORMAT_ATTRIBUTES_MAXIMUM + 1);
	room = buf_reserve(&bytes, (size_t)area.length + 1);
	if (room == NULL ||
	    !source_read(dissection->source, room, (size_t)area.length,
		area.offset, NULL)) {
		tell_damage(dissection, area.offset, area.length, "attributes");
		buf_finish(&bytes);
		return;
	}
	buf_grew(&bytes, (size_t)area.length);
	rest = buf_span(&bytes);
	while (rest.len > 0) {
		uint64_t offset = area.offset + area.length - rest.len;

		if (!record_take_attribute(&rest, &name, &value)) {
			tell_damage(dissection, offset,
			    area.offset + area.length - offset,
			    "attributes: the rest is not shown");
			break;
		}
		dissection->events->attribute(
		    dissection->owner, offset, name, value);
	}
	buf_finish(&bytes);
}

/* ---- the checks ---- */

static uint32_t
check_extent(
    const struct dissection *dissection, struct extent extent, uint32_t check)
{
	struct window window;

	window_init(&window, dissection->source, extent, check);
	(void)!window_read_all(&window, NULL);
	check = window.check;
	window_finish(&window);
	return check;
}

/* What no structure shows the checks do. */
static void
check_end(struct dissection *dissection)
{
	const struct format_head *head = &dissection->head;
	uint64_t offset = head->length - FORMAT_END_SIZE;
	struct extent padded = {head->attributes.offset,
	    head->states.offset - head->attributes.offset};
	struct extent content = head->body_area;
	char bytes[FORMAT_END_SIZE];
	struct format_end end;

	content.length += head->header.extent.length;
	if (!source_read(
		dissection->source, bytes, sizeof bytes, offset, NULL) ||
	    !format_end_decode(span_of(bytes, sizeof bytes), head, &end)) {
		tell_damage(dissection, offset, sizeof bytes, "END");
		return;
	}
	if (check_extent(dissection, padded, dissection->check) !=
	    end.envelope_check)
		tell_damage(dissection, head->recipients.offset,
		    head->states.offset - head->recipients.offset,
		    "the check of recipients and attributes differs");
	if (check_extent(dissection, content, 0) != end.content_check)
		tell_damage(dissection, content.offset, content.length,
		    "the check of header and body differs");
}

/* ---- the journal ---- */

static void
show_journal(struct dissection *dissection)
{
	uint64_t start = dissection->head.length;
	struct extent area = {start, dissection->size - start};
	struct journal_walk walk;

	journal_walk_init(&walk, dissection->source, area);
	while (journal_walk_next(&walk))
		dissection->events->journal(
		    dissection->owner, walk.offset, &walk.entry);
	if (walk.end < dissection->size)
		tell_damage(dissection, walk.end, dissection->size - walk.end,
		    "journal: no sound record, which ends it");
	journal_walk_finish(&walk);
}

/* ---- all of it ---- */

static struct dissection
begin(const struct dissect_events *events, void *owner)
{
	return (struct dissection){.events = events, .owner = owner};
}

bool
dissect_envelope(const struct source *source,
    const struct dissect_events *events, void *owner, struct error *error)
{
	struct dissection dissection = begin(events, owner);
	struct extent rest = {.offset = FORMAT_HEAD_SIZE};
	uint64_t number = 0;

	if (!read_head(&dissection, source, error))
		return false;
	show_head(&dissection);
	if (dissection.result == FORMAT_COMPLETE) {
		show_attributes(&dissection);
		(void)show_recipients(
		    &dissection, dissection.head.recipients, &number);
		(void)show_recipients(
		    &dissection, dissection.head.added, &number);
		check_end(&dissection);
		show_journal(&dissection);
	} else if (dissection.size > FORMAT_HEAD_SIZE) {
		rest.length = dissection.size - FORMAT_HEAD_SIZE;
		(void)show_recipients(&dissection, rest, &number);
	}
	return true;
}

static bool
show_content(struct dissection *dissection, enum dissect_part part,
    struct extent area, struct error *error)
{
	char bytes[CHUNK];

	while (area.length > 0) {
		size_t count =
		    area.length < CHUNK ? (size_t)area.length : CHUNK;

		if (!source_read(
			dissection->source, bytes, count, area.offset, error))
			return false;
		dissection->events->content(dissection->owner, part,
		    area.offset, span_of(bytes, count));
		area.offset += count;
		area.length -= count;
	}
	return true;
}

static void
pass_recipient(void *owner UNUSED, uint64_t offset UNUSED,
    const struct stored_recipient *recipient UNUSED)
{
}

static void
pass_damage(void *owner UNUSED, uint64_t offset UNUSED, uint64_t length UNUSED,
    const char *what UNUSED)
{
}

/* Where the recipients seem to end. */
static uint64_t
find_unknown(const struct dissection *dissection)
{
	static const struct dissect_events silent = {
	    .recipient = pass_recipient, .damage = pass_damage};
	struct dissection search = *dissection;
	struct extent area = {
	    FORMAT_HEAD_SIZE, dissection->size - FORMAT_HEAD_SIZE};
	uint64_t number = 0;

	search.events = &silent;
	return show_recipients(&search, area, &number);
}

bool
dissect_content(const struct source *source, enum dissect_part part,
    const struct dissect_events *events, void *owner, struct error *error)
{
	struct dissection dissection = begin(events, owner);
	struct extent area;

	if (!read_head(&dissection, source, error))
		return false;
	if (dissection.result == FORMAT_COMPLETE)
		return part == DISSECT_UNKNOWN ||
		    show_content(&dissection, part,
			part == DISSECT_HEADER ? dissection.head.header.extent
					       : dissection.head.body.extent,
			error);
	if (part != DISSECT_UNKNOWN || dissection.size <= FORMAT_HEAD_SIZE)
		return true;
	area.offset = find_unknown(&dissection);
	area.length = dissection.size - area.offset;
	return show_content(&dissection, part, area, error);
}
