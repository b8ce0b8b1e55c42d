/* SPDX-License-Identifier: MIT */
#include "lib/queue/stored_parse.h"

#include "lib/queue/journal_walk.h"
#include "lib/queue/stored_private.h"
#include "lib/queue/window.h"

static bool
damaged(struct error *error, const char *what)
{
	return error_set(error, ERROR_INVALID, "%s: damaged", what);
}

static bool
no_memory(struct error *error)
{
	return error_set(error, ERROR_LIMIT, "message is too large to read");
}

static enum stored_result
read_head(struct stored *stored, struct error *error)
{
	static const enum stored_result results[] = {
	    [FORMAT_COMPLETE] = STORED_COMPLETE,
	    [FORMAT_NEVER_ACCEPTED] = STORED_NEVER_ACCEPTED,
	    [FORMAT_NEWER] = STORED_NEWER,
	    [FORMAT_CORRUPT] = STORED_CORRUPT,
	};

	static const char *const words[] = {
	    [FORMAT_COMPLETE] = "",
	    [FORMAT_NEVER_ACCEPTED] = "was never accepted",
	    [FORMAT_NEWER] = "has a newer format version",
	    [FORMAT_CORRUPT] = "head: damaged",
	};
	struct stored_private *private = stored->private;
	char bytes[FORMAT_HEAD_SIZE];
	enum format_result result;
	uint64_t size, read;

	if (!source_size(&private->source, &size, error))
		return STORED_FAILED;
	read = size < sizeof bytes ? size : sizeof bytes;
	if (!source_read(&private->source, bytes, (size_t)read, 0, error))
		return STORED_FAILED;
	result = format_head_decode(
	    span_of(bytes, (size_t)read), size, &private->head);
	if (result != FORMAT_COMPLETE)
		error_set(error, ERROR_INVALID, "%s", words[result]);
	else
	private->journal =
	    (struct extent){private->head.length, size - private->head.length};
	return results[result];
}

static bool
read_end(struct stored *stored, struct error *error)
{
	struct stored_private *private = stored->private;
	char bytes[FORMAT_END_SIZE];

	if (!source_read(&private->source, bytes, sizeof bytes,
		private->head.length - sizeof bytes, error))
		return false;
	return format_end_decode(span_of(bytes, sizeof bytes), &private->head,
		   &private->end) ||
	    damaged(error, "END");
}

/* Checks the framing and numbers of one area; *number is the next one's. */
static bool
check_recipients(struct stored *stored, struct extent area, uint32_t *number,
    uint32_t *check, struct error *error)
{
	struct stored_recipient recipient;
	struct window window;
	bool sound = true;

	window_init(&window, &stored->private->source, area, *check);
	while (sound && (window.rest.len > 0 || !window_is_last(&window))) {
		enum record_result result =
		    record_take_recipient(&window.rest, &recipient);

		if (result == RECORD_SHORT && !window_is_last(&window))
			sound = window_fill(&window, error);
		else
			sound = (result == RECORD_TAKEN &&
				    recipient.number == (*number)++) ||
			    damaged(error, "recipients");
	}
	*check = window.check;
	window_finish(&window);
	return sound;
}

static bool
parse_attributes(struct stored *stored, struct error *error)
{
	struct span rest = stored->attributes;
	struct span name, value;

	while (rest.len > 0) {
		enum attribute attribute;

		if (!record_take_attribute(&rest, &name, &value))
			return damaged(error, "attributes");
		attribute = attribute_find(name);
		if (attribute < ATTRIBUTE_COUNT)
			stored->attribute[attribute] = value;
	}
	return true;
}

/* Attributes and the padding behind them. */
static bool
read_attributes(struct pool *pool, struct stored *stored, uint32_t *check,
    struct error *error)
{
	const struct format_head *head = &stored->private->head;
	struct extent area = head->attributes;
	struct window window;
	char *copy = pool_alloc(pool, (size_t)area.length + 1);
	bool read = true;

	if (copy == NULL)
		return no_memory(error);
	stored->attributes = span_of(copy, (size_t)area.length);
	area.length = head->states.offset - area.offset;
	window_init(&window, &stored->private->source, area, *check);
	while (read && !window_is_last(&window)) {
		size_t left = stored->attributes.len -
		    (size_t)(copy - stored->attributes.at);
		struct span piece;

		window.rest = span_of(window.memory, 0);
		read = window_fill(&window, error);
		piece = span_head(window.rest, left);
		memcpy(copy, piece.at, piece.len);
		copy += piece.len;
	}
	*check = window.check;
	window_finish(&window);
	return read;
}

static bool
read_envelope(struct pool *pool, struct stored *stored, struct error *error)
{
	const struct format_head *head = &stored->private->head;
	uint32_t number = 0;
	uint32_t check = 0;

	if (!check_recipients(stored, head->recipients, &number, &check, error))
		return false;
	if (number + head->added_count != head->recipient_count)
		return damaged(error, "number of recipients");
	if (!check_recipients(stored, head->added, &number, &check, error))
		return false;
	if (number != head->recipient_count)
		return damaged(error, "number of recipients");
	if (!read_attributes(pool, stored, &check, error))
		return false;
	if (check != stored->private->end.envelope_check)
		return damaged(error, "envelope");
	return parse_attributes(stored, error);
}

static bool
count_states(struct stored *stored, struct error *error)
{
	struct window window;
	bool sound = true;

	window_init(
	    &window, &stored->private->source, stored->private->head.states, 0);
	while (sound && (window.rest.len > 0 || !window_is_last(&window))) {
		enum recipient_state state;

		if (window.rest.len == 0) {
			sound = window_fill(&window, error);
			continue;
		}
		sound = format_state_decode(window.rest.at, &state) ||
		    damaged(error, "state of a recipient");
		if (sound && state == RECIPIENT_TODO)
			stored->outstanding++;
		window.rest = span_skip(window.rest, FORMAT_STATE_SIZE);
	}
	window_finish(&window);
	return sound;
}

static void
note_entry(struct stored *stored, const struct journal_entry *entry)
{
	switch (entry->type) {
	case JOURNAL_ATTEMPT:
		stored->attempts++;
		stored->last_attempt = entry->time;
		stored->next_attempt = entry->next;
		break;
	case JOURNAL_WARNED:
		stored->warned = entry->time;
		break;
	case JOURNAL_EXPIRE:
		stored->expired = entry->time;
		break;
	case JOURNAL_REQUEUE:
		stored->requeue = entry->time;
		break;
	case JOURNAL_SUCCESSOR:
		stored->successor = entry->successor;
		break;
	case JOURNAL_REASON:
		break; /* read when somebody wants it */
	}
}

static bool
read_journal(struct stored *stored, struct error *error)
{
	struct extent *journal = &stored->private->journal;
	uint64_t length = journal->length;
	struct journal_walk walk;

	journal_walk_init(&walk, &stored->private->source, *journal);
	while (journal_walk_next(&walk))
		note_entry(stored, &walk.entry);
	journal->length = walk.end - journal->offset;
	stored->private->journal_is_torn = journal->length < length;
	journal_walk_finish(&walk);
	if (walk.error.kind == ERROR_NONE)
		return true;
	*error = walk.error;
	return error_prefix(error, "journal");
}

enum stored_result
stored_parse(struct pool *pool, struct stored *stored, struct error *error)
{
	const struct format_head *head = &stored->private->head;
	enum stored_result result = read_head(stored, error);

	if (result != STORED_COMPLETE)
		return result;
	stored->arrival = head->arrival;
	stored->flags = head->flags;
	stored->header = head->header;
	stored->body = head->body;
	stored->recipient_count = head->recipient_count;
	if (read_end(stored, error) && read_envelope(pool, stored, error) &&
	    count_states(stored, error) && read_journal(stored, error))
		return STORED_COMPLETE;
	return error->kind == ERROR_INVALID ? STORED_CORRUPT : STORED_FAILED;
}
