/* SPDX-License-Identifier: MIT */
#include "lib/mail/mime_walk.h"

#include "lib/base/hash.h"
#include "lib/base/text.h"
#include "lib/mail/header.h"

enum {
	VALUE_MAXIMUM = 16384, /* bytes of a field that are understood */
	LINE_EXTRA = 64        /* of a line beyond a boundary */
};

enum mode {
	MODE_HEADER,
	MODE_LEAF, /* the body of an entity without parts */
	MODE_FRAME /* before the first part, or behind the last */
};

enum field {
	FIELD_NONE,
	FIELD_OTHER,
	FIELD_TYPE,
	FIELD_ENCODING,
	FIELD_VERSION
};

/* ---- output ---- */

static bool
put(struct mime_walk *walk, enum mime_run kind, struct span bytes)
{
	if (bytes.len > 0 && !walk->events.run(walk->events.owner, kind, bytes))
		walk->is_stopped = true;
	return !walk->is_stopped;
}

static bool
put_held(struct mime_walk *walk, enum mime_run kind)
{
	struct span held = span_of(walk->held, walk->held_len);

	walk->held_len = 0;
	return put(walk, kind, held);
}

/* Puts a run of the body, and holds its last line end back. */
static bool
put_body(struct mime_walk *walk, struct span bytes)
{
	size_t end = bytes.len;

	if (bytes.len == 0)
		return true;
	if (!put_held(walk, MIME_RUN_BODY))
		return false;
	if (bytes.at[end - 1] == '\n')
		end--;
	if (end > 0 && bytes.at[end - 1] == '\r')
		end--;
	walk->held_len = bytes.len - end;
	memcpy(walk->held, bytes.at + end, walk->held_len);
	return put(walk, MIME_RUN_BODY, span_head(bytes, end));
}

static bool
end_body(struct mime_walk *walk)
{
	if (!walk->events.body_end(walk->events.owner))
		walk->is_stopped = true;
	return !walk->is_stopped;
}

/* ---- header ---- */

static void
begin_header(struct mime_walk *walk, enum mime_kind default_kind)
{
	walk->mode = MODE_HEADER;
	walk->entity = (struct mime_entity){
	    .number = walk->entity.number + 1, .kind = default_kind};
	walk->field = FIELD_NONE;
	walk->line_run = MIME_RUN_HEADER;
	buf_clear(&walk->boundary);
}

/* The first field of a name counts. */
static void
end_field(struct mime_walk *walk)
{
	struct mime_entity *entity = &walk->entity;
	struct span value = buf_span(&walk->value);

	if (walk->field == FIELD_VERSION)
		entity->has_version = true;
	if (walk->field == FIELD_TYPE && !entity->has_type) {
		entity->has_type = true;
		entity->kind = mime_field_kind(value, &walk->boundary);
	}
	if (walk->field == FIELD_ENCODING &&
	    entity->encoding == MIME_ENCODING_NONE)
		entity->encoding = mime_field_encoding(value);
	buf_clear(&walk->value);
	walk->field = FIELD_NONE;
}

static enum field
field_named(struct span name)
{
	static const struct {
		const char *name;
		enum field field;
	} fields[] = {
	    {"Content-Type", FIELD_TYPE},
	    {"Content-Transfer-Encoding", FIELD_ENCODING},
	    {"MIME-Version", FIELD_VERSION},
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (span_equal_fold(name, span_text(fields[i].name)))
			return fields[i].field;
	return FIELD_OTHER;
}

static void
keep_value(struct mime_walk *walk, struct span bytes)
{
	if (walk->field == FIELD_TYPE || walk->field == FIELD_ENCODING)
		(void)buf_append_span(&walk->value,
		    span_head(bytes, VALUE_MAXIMUM - walk->value.len));
}

/* False when the line, or the start of it, is no part of a header. */
static bool
take_field_line(struct mime_walk *walk, struct span line)
{
	struct span name;
	struct span value;

	if (line.len > 0 && text_is_blank(line.at[0])) {
		if (walk->field == FIELD_NONE)
			return false;
		keep_value(walk, line);
		return true;
	}
	if (!span_split(line, ':', &name, &value) ||
	    !header_name_is_valid(span_trim(name)))
		return false;
	end_field(walk);
	walk->field = (int)field_named(span_trim(name));
	walk->line_run =
	    walk->field == FIELD_ENCODING ? MIME_RUN_ENCODING : MIME_RUN_HEADER;
	keep_value(walk, value);
	return true;
}

/* ---- structure ---- */

static size_t
head_of(struct span boundary)
{
	return (size_t)(hash_digest(boundary) % MIME_HEADS);
}

/* Opens a level with the boundary, which is empty for a message. */
static bool
push_level(struct mime_walk *walk, struct span boundary)
{
	uint16_t *head = &walk->heads[head_of(boundary)];

	if (walk->depth == walk->limits.nesting) {
		walk->is_too_deep = true;
		walk->is_stopped = true;
		return false;
	}
	walk->levels[walk->depth++] = (struct mime_level){
	    .start = (uint32_t)walk->boundaries.len,
	    .len = (uint32_t)boundary.len,
	    .below = *head,
	    .is_cut = walk->boundary.overflowed,
	    .is_digest = walk->entity.kind == MIME_DIGEST,
	};
	if (boundary.len > 0)
		*head = (uint16_t)walk->depth;
	return buf_append_span(&walk->boundaries, boundary);
}

static void
pop_level(struct mime_walk *walk)
{
	const struct mime_level *level = &walk->levels[--walk->depth];
	struct span boundary =
	    span_of(walk->boundaries.at + level->start, level->len);

	if (boundary.len > 0)
		walk->heads[head_of(boundary)] = level->below;
	buf_shorten(&walk->boundaries, boundary.len);
}

static bool
enter_multipart(struct mime_walk *walk)
{
	walk->mode = MODE_FRAME;
	return push_level(walk, buf_span(&walk->boundary));
}

static bool
enter_message(struct mime_walk *walk)
{
	if (!push_level(walk, SPAN_EMPTY))
		return false;
	begin_header(walk, MIME_LEAF);
	return true;
}

/* `empty` is the line that ended the header, if that is an empty one. */
static bool
end_header(struct mime_walk *walk, struct span empty)
{
	struct mime_entity *entity = &walk->entity;

	end_field(walk);
	if (!mime_encoding_is_identity(entity->encoding))
		entity->kind = MIME_LEAF;
	entity->ended_empty = empty.len > 0;
	if (!walk->events.header_end(walk->events.owner, entity))
		walk->is_stopped = true;
	if (walk->is_stopped || !put(walk, MIME_RUN_FRAME, empty))
		return false;
	if (entity->kind == MIME_MESSAGE)
		return enter_message(walk);
	if (entity->kind != MIME_LEAF)
		return enter_multipart(walk);
	walk->mode = MODE_LEAF;
	return true;
}

/* Ends what the entity has begun: nothing more belongs to it. */
static bool
end_entity(struct mime_walk *walk)
{
	while (walk->mode == MODE_HEADER)
		if (!end_header(walk, SPAN_EMPTY))
			return false;
	return walk->mode != MODE_LEAF || end_body(walk);
}

/* ---- delimiters ---- */

static bool
is_delimiter(const struct mime_walk *walk, const struct mime_level *level,
    struct span text, bool *closes)
{
	struct span boundary =
	    span_of(walk->boundaries.at + level->start, level->len);
	struct span rest;

	if (!span_starts(text, boundary))
		return false;
	rest = span_skip(text, boundary.len);
	*closes = level->is_cut ? span_ends(rest, SPAN("--"))
				: span_equal(rest, SPAN("--"));
	return level->is_cut || rest.len == 0 || *closes;
}

/* The innermost level, counted from 1, whose boundary `boundary` is if it is
 * one, and which `text` delimits; 0 for none. */
static size_t
find_level(const struct mime_walk *walk, struct span boundary, struct span text,
    bool *closes)
{
	size_t depth = walk->heads[head_of(boundary)];

	while (depth > 0 &&
	    !is_delimiter(walk, &walk->levels[depth - 1], text, closes))
		depth = walk->levels[depth - 1].below;
	return depth;
}

/* The level, counted from 1, that the line delimits; 0 for none. */
static size_t
find_delimiter(const struct mime_walk *walk, struct span line, bool *closes)
{
	struct span text = span_skip(line, 2);
	size_t found = 0;

	if (walk->boundaries.len == 0 || !span_starts(line, SPAN("--")))
		return 0;
	while (text.len > 0 && text_is_space(text.at[text.len - 1]))
		text.len--;

	const size_t lengths[] = {
	    text.len, span_ends(text, SPAN("--")) ? text.len - 2 : text.len,
	    walk->limits.boundary, /* of one that was cut */
	};

	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		bool closing = false;
		size_t depth;

		if (i > 0 && lengths[i] >= text.len)
			continue; /* the same again */
		depth = find_level(
		    walk, span_head(text, lengths[i]), text, &closing);
		if (depth > found) {
			found = depth;
			*closes = closing;
		}
	}
	return found;
}

static bool
take_delimiter(struct mime_walk *walk, size_t depth, bool closes)
{
	bool is_digest = walk->levels[depth - 1].is_digest;

	if (!end_entity(walk) || !put_held(walk, MIME_RUN_FRAME) ||
	    !put(walk, MIME_RUN_FRAME, buf_span(&walk->line)))
		return false;
	while (walk->depth > depth || (closes && walk->depth == depth))
		pop_level(walk);
	if (closes)
		walk->mode = MODE_FRAME;
	else
		begin_header(walk, is_digest ? MIME_MESSAGE : MIME_LEAF);
	return true;
}

/* ---- lines ---- */

/* The rest of a line whose start was judged, or a line that needs none. */
static bool
put_text(struct mime_walk *walk, struct span bytes)
{
	if (walk->mode == MODE_LEAF)
		return put_body(walk, bytes);
	if (walk->mode == MODE_FRAME)
		return put(walk, MIME_RUN_FRAME, bytes);
	return put(walk, walk->line_run, bytes);
}

/* Judges the start of a line, or the whole of it. A line that ends a header
 * without being empty is looked at again by what follows the header. */
static bool
judge_line(struct mime_walk *walk)
{
	struct span line = buf_span(&walk->line);
	bool is_whole = span_ends(line, SPAN("\n"));
	struct span text = line;
	bool closes = false;
	size_t depth;

	while (text.len > 0 &&
	    (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
		text.len--;
	for (;;) {
		depth = find_delimiter(walk, text, &closes);
		if (depth > 0)
			return take_delimiter(walk, depth, closes);
		if (walk->mode != MODE_HEADER || take_field_line(walk, text))
			return put_text(walk, line);
		if (text.len == 0 && is_whole)
			return end_header(walk, line);
		if (!end_header(walk, SPAN_EMPTY))
			return false;
	}
}

/* Whether nothing that could come decides about the line any more. */
static bool
is_decided(const struct mime_walk *walk)
{
	struct span line = buf_span(&walk->line);

	return span_ends(line, SPAN("\n")) || line.len == walk->line.maximum ||
	    (walk->mode != MODE_HEADER &&
		!span_starts(line, span_head(SPAN("--"), line.len)));
}

/* Takes bytes for the start of a line; returns how many. */
static size_t
take_line(struct mime_walk *walk, struct span rest)
{
	size_t len = span_find(rest, '\n');
	size_t room = walk->line.maximum - walk->line.len;

	if (len < rest.len)
		len++;
	if (len > room)
		len = room;
	if (walk->mode != MODE_HEADER && walk->line.len < 2 &&
	    len > 2 - walk->line.len)
		len = 2 - walk->line.len;
	must(buf_append_span(&walk->line, span_head(rest, len)));
	return len;
}

static bool
start_line(struct mime_walk *walk, struct span *rest)
{
	*rest = span_skip(*rest, take_line(walk, *rest));
	if (!is_decided(walk))
		return true;
	walk->in_line = !span_ends(buf_span(&walk->line), SPAN("\n"));
	if (!judge_line(walk))
		return false;
	buf_clear(&walk->line);
	return true;
}

/* How much of `rest`, which is within a line, goes on without a line that could
 * be a delimiter. Ends behind a line end, unless that is in the next piece. */
static size_t
passable(const struct mime_walk *walk, struct span rest)
{
	const char *at = rest.at;
	const char *end = rest.at + rest.len;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		if (newline == NULL)
			return rest.len;
		at = newline + 1;
		if (walk->mode == MODE_HEADER ||
		    (walk->boundaries.len > 0 && (at == end || *at == '-')))
			break;
	}
	return (size_t)(at - rest.at);
}

/* A CR at the end of the last piece turns out to be a line end, or text. */
static bool
settle_cr(struct mime_walk *walk, struct span *rest)
{
	if (walk->held_len != 1 || walk->held[0] != '\r' || !walk->in_line)
		return true;
	if (rest->at[0] != '\n')
		return put_held(walk, MIME_RUN_BODY);
	walk->held[walk->held_len++] = '\n';
	walk->in_line = false;
	*rest = span_skip(*rest, 1);
	return true;
}

static bool
continue_line(struct mime_walk *walk, struct span *rest)
{
	struct span bytes;

	if (!settle_cr(walk, rest))
		return false;
	if (!walk->in_line)
		return true;
	bytes = span_head(*rest, passable(walk, *rest));
	walk->in_line = !span_ends(bytes, SPAN("\n"));
	*rest = span_skip(*rest, bytes.len);
	if (walk->mode == MODE_HEADER)
		keep_value(walk, bytes);
	return put_text(walk, bytes);
}

void
mime_walk_init(struct mime_walk *walk, const struct mime_limits *limits,
    const struct mime_events *events)
{
	size_t line = limits->boundary + LINE_EXTRA;

	must(limits->nesting <= MIME_NESTING_MAXIMUM &&
	    limits->boundary <= MIME_BOUNDARY_MAXIMUM);
	*walk = (struct mime_walk){
	    .events = *events,
	    .limits = *limits,
	    .mode = MODE_HEADER,
	};
	buf_init(&walk->line, line < 2 * LINE_EXTRA ? 2 * LINE_EXTRA : line);
	buf_init(&walk->value, VALUE_MAXIMUM);
	buf_init(&walk->boundary, limits->boundary);
	buf_init(&walk->boundaries, limits->nesting * limits->boundary);
}

void
mime_walk_finish(struct mime_walk *walk)
{
	buf_finish(&walk->line);
	buf_finish(&walk->value);
	buf_finish(&walk->boundary);
	buf_finish(&walk->boundaries);
}

bool
mime_walk_feed(struct mime_walk *walk, struct span content)
{
	while (content.len > 0 && !walk->is_stopped)
		if (walk->in_line)
			(void)continue_line(walk, &content);
		else
			(void)start_line(walk, &content);
	return !walk->is_stopped;
}

bool
mime_walk_end(struct mime_walk *walk)
{
	if (walk->is_stopped)
		return false;
	if (walk->line.len > 0 && !judge_line(walk))
		return false;
	buf_clear(&walk->line);
	/* The last line end is followed by no delimiter. */
	return put_held(walk, MIME_RUN_BODY) && end_entity(walk);
}
