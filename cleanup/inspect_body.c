/* SPDX-License-Identifier: MIT */
#include "cleanup/inspect_body.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

enum {
	OUT_EXTRA = 65536 + 2, /* a line of a table before another */
	TOO_DEEP = 554
};

struct inspect_body {
	struct inspect_body_settings settings;
	struct mime_walk walk;
	bool has_begun;   /* the header of the message is over */
	bool in_text;     /* what is held is a line, not a field */
	uint64_t to_skip; /* bytes of it that the walk has not put out yet */
	enum check_kind where; /* of the header that comes next, or is there */
	uint64_t looked_at;    /* bytes of the part */
	struct buf field;      /* or line, as far as it is there */
	bool line_begins;      /* the next byte of a header begins a line */
	bool is_over_maximum;  /* of the field: its rest goes as it came ... */
	bool drops_rest;       /* ... or not at all */
	struct buf out;
	bool is_stopped;
};

static bool
put(struct inspect_body *body, struct span bytes)
{
	const struct inspect_body_settings *settings = &body->settings;

	if (bytes.len > 0 && !body->is_stopped &&
	    !settings->sink(settings->owner, bytes))
		body->is_stopped = true;
	return !body->is_stopped;
}

static bool
put_out(struct inspect_body *body)
{
	bool good = put(body, buf_span(&body->out));

	buf_clear(&body->out);
	return good;
}

/* ---- headers ---- */

static bool
end_field(struct inspect_body *body)
{
	struct span field = buf_span(&body->field);
	bool was_long = body->is_over_maximum;

	body->is_over_maximum = false;
	body->line_begins = true;
	if (was_long || field.len == 0) {
		buf_clear(&body->field);
		return true;
	}
	must(inspection_field(
	    body->settings.inspection, body->where, field, &body->out));
	buf_clear(&body->field);
	return put_out(body);
}

/* The field is too long to be held: what is there of it decides. */
static bool
pass_maximum(struct inspect_body *body)
{
	size_t before = body->field.len;

	must(inspection_field(body->settings.inspection, body->where,
	    buf_span(&body->field), &body->out));
	body->is_over_maximum = true;
	body->drops_rest = body->out.len < before;
	buf_clear(&body->field);
	return put_out(body);
}

static bool
add_to_field(struct inspect_body *body, struct span piece)
{
	struct span part =
	    span_head(piece, body->settings.field_maximum - body->field.len);

	if (body->is_over_maximum)
		return body->drops_rest || put(body, piece);
	must(buf_append_span(&body->field, part));
	if (part.len == piece.len)
		return true;
	return pass_maximum(body) &&
	    (body->drops_rest || put(body, span_skip(piece, part.len)));
}

static bool
take_header(struct inspect_body *body, struct span run)
{
	body->in_text = false;
	while (run.len > 0 && !body->is_stopped) {
		size_t len = span_find(run, '\n');
		bool ends_line = len < run.len;
		struct span piece = span_head(run, len + ends_line);

		if (body->line_begins && !text_is_blank(piece.at[0]) &&
		    !end_field(body))
			return false;
		body->line_begins = ends_line;
		if (!add_to_field(body, piece))
			return false;
		run = span_skip(run, piece.len);
	}
	return !body->is_stopped;
}

/* ---- text ---- */

/* What a line ends with, if it does. */
static size_t
end_length(struct span line)
{
	if (span_ends(line, SPAN("\r\n")))
		return 2;
	return span_ends(line, SPAN("\n"));
}

static bool
end_line(struct inspect_body *body)
{
	struct span whole = buf_span(&body->field);
	size_t end = end_length(whole);
	struct span line = span_head(whole, whole.len - end);
	bool is_kept = line.len == 0;

	if (is_kept)
		must(buf_append_span(&body->out, whole));
	else
		must(inspection_line(body->settings.inspection, line,
		    span_skip(whole, line.len), &body->out));
	buf_clear(&body->field);
	return put_out(body);
}

static bool
is_looked_at(const struct inspect_body *body)
{
	const struct inspection *inspection = body->settings.inspection;

	return !inspection->is_over &&
	    body->looked_at < body->settings.text_maximum &&
	    content_checks_have(inspection->checks, CHECK_BODY);
}

/* Adds to the line; one that passes the maximum goes on as another. */
static bool
add_to_line(struct inspect_body *body, struct span *run)
{
	size_t room = body->settings.line_maximum + 2 - body->field.len;
	size_t len = span_find(*run, '\n');
	bool ends_line = len < run->len && len < room;
	struct span piece = span_head(*run, ends_line ? len + 1 : len);

	piece = span_head(piece, room);
	must(buf_append_span(&body->field, piece));
	body->looked_at += piece.len;
	*run = span_skip(*run, piece.len);
	return (!ends_line &&
		   body->field.len < body->settings.line_maximum + 2) ||
	    end_line(body);
}

static bool
take_text(struct inspect_body *body, struct span run)
{
	body->in_text = true;
	while (run.len > 0 && !body->is_stopped) {
		if (body->field.len == 0 && !is_looked_at(body))
			return put(body, run);
		if (!add_to_line(body, &run))
			return false;
	}
	return !body->is_stopped;
}

/* ---- what the walk finds ---- */

static bool
take_run(void *owner, enum mime_run kind, struct span bytes)
{
	struct inspect_body *body = owner;
	size_t skipped =
	    body->to_skip < bytes.len ? (size_t)body->to_skip : bytes.len;

	body->to_skip -= skipped;
	bytes = span_skip(bytes, skipped);
	if (bytes.len == 0)
		return true;
	if (kind == MIME_RUN_HEADER || kind == MIME_RUN_ENCODING)
		return take_header(body, bytes);
	return take_text(body, bytes);
}

static bool
take_header_end(void *owner, const struct mime_entity *entity)
{
	struct inspect_body *body = owner;

	if (!end_field(body))
		return false;
	body->where = entity->kind == MIME_MESSAGE ? CHECK_NESTED_HEADER
						   : CHECK_MIME_HEADER;
	body->looked_at = 0;
	return true;
}

static bool
take_body_end(void *owner UNUSED)
{
	return true;
}

/* ---- */

struct inspect_body *
inspect_body_create(const struct inspect_body_settings *settings)
{
	struct inspect_body *body = memory_zero(sizeof *body);
	const struct mime_events events = {
	    take_run, take_header_end, take_body_end, body};
	size_t longest = settings->field_maximum > settings->line_maximum
	    ? settings->field_maximum
	    : settings->line_maximum;

	body->settings = *settings;
	body->where = CHECK_HEADER;
	body->line_begins = true;
	buf_init(&body->field, longest + 2);
	buf_init(&body->out, longest + 2 + OUT_EXTRA);
	mime_walk_init(&body->walk, &settings->limits, &events);
	return body;
}

void
inspect_body_destroy(struct inspect_body *body)
{
	if (body == NULL)
		return;
	mime_walk_finish(&body->walk);
	buf_finish(&body->field);
	buf_finish(&body->out);
	free(body);
}

static bool
check_walk(struct inspect_body *body, bool good)
{
	struct inspection *inspection = body->settings.inspection;

	if (!good && body->walk.is_too_deep && inspection->refusal.code == 0)
		reply_set(&inspection->refusal, TOO_DEEP, "5.6.0",
		    "MIME nesting exceeds mime_nesting_limit");
	return good;
}

bool
inspect_body_header(struct inspect_body *body, struct span run)
{
	if (body->settings.is_plain)
		return true;
	body->to_skip += run.len;
	return check_walk(body, mime_walk_feed(&body->walk, run));
}

bool
inspect_body_spilled(struct inspect_body *body, struct span run)
{
	return take_header(body, run);
}

bool
inspect_body_feed(struct inspect_body *body, struct span run)
{
	if (!body->has_begun && !end_field(body))
		return false;
	body->has_begun = true;
	if (body->settings.is_plain)
		return take_text(body, run);
	return check_walk(body, mime_walk_feed(&body->walk, run));
}

bool
inspect_body_end(struct inspect_body *body)
{
	bool good = body->settings.is_plain ||
	    check_walk(body, mime_walk_end(&body->walk));

	if (good && body->in_text)
		return body->field.len == 0 || end_line(body);
	return good && end_field(body);
}
