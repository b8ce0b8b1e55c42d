/* SPDX-License-Identifier: MIT */
#include "master/postmap/message_query.h"

#include "lib/base/memory.h"
#include "lib/mail/header.h"
#include "lib/mail/mime_walk.h"

enum {
	MIME_NESTING = 100,
	MIME_BOUNDARY = 2048
};

struct query {
	unsigned parts;
	bool (*ask)(void *owner, struct span key);
	void *owner;
	struct buf header; /* of the entity, so far */
	struct buf line;   /* of a body, so far */
};

static struct span
without_end(struct span line)
{
	if (line.len > 0 && line.at[line.len - 1] == '\n')
		line.len--;
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool
ask_fields(struct query *query, struct span block)
{
	struct header_field field;
	bool going = true;

	while (going && header_next(&block, &field))
		if (field.name.len > 0 &&
		    (query->parts & MESSAGE_QUERY_HEADER) != 0)
			going =
			    query->ask(query->owner, without_end(field.whole));
	return going;
}

static bool
ask_lines(struct query *query, struct span text)
{
	struct span line;
	bool going = true;

	while (going && text.len > 0) {
		span_split(text, '\n', &line, &text);
		if ((query->parts & MESSAGE_QUERY_BODY) != 0)
			going = query->ask(query->owner, without_end(line));
	}
	return going;
}

static bool
take_lines(struct query *query, struct span bytes)
{
	size_t whole = span_find_last(bytes, '\n');
	bool going;

	if (whole == bytes.len)
		return buf_append_span(&query->line, bytes);
	if (!buf_append_span(&query->line, span_head(bytes, whole + 1)))
		return false;
	going = ask_lines(query, buf_span(&query->line));
	buf_clear(&query->line);
	return going &&
	    buf_append_span(&query->line, span_skip(bytes, whole + 1));
}

static bool
take_run(void *owner, enum mime_run kind, struct span bytes)
{
	struct query *query = owner;

	if (kind == MIME_RUN_HEADER || kind == MIME_RUN_ENCODING)
		return buf_append_span(&query->header, bytes);
	return take_lines(query, bytes);
}

static bool
end_header(void *owner, const struct mime_entity *entity UNUSED)
{
	struct query *query = owner;
	bool going = ask_fields(query, buf_span(&query->header));

	buf_clear(&query->header);
	return going;
}

static bool
end_body(void *owner UNUSED)
{
	return true;
}

static bool
run_mime(struct query *query, struct span message)
{
	const struct mime_limits limits = {MIME_NESTING, MIME_BOUNDARY};
	const struct mime_events events = {
	    .run = take_run,
	    .header_end = end_header,
	    .body_end = end_body,
	    .owner = query,
	};
	struct mime_walk *walk = memory_zero(sizeof *walk);
	bool complete;

	buf_init(&query->header, message.len);
	buf_init(&query->line, message.len);
	mime_walk_init(walk, &limits, &events);
	complete = mime_walk_feed(walk, message) && mime_walk_end(walk) &&
	    ask_lines(query, buf_span(&query->line));
	mime_walk_finish(walk);
	free(walk);
	buf_finish(&query->header);
	buf_finish(&query->line);
	return complete;
}

bool
message_query_run(struct span message, unsigned parts,
    bool (*ask)(void *owner, struct span key), void *owner)
{
	struct query query = {.parts = parts, .ask = ask, .owner = owner};
	size_t header = 0;

	if ((parts & MESSAGE_QUERY_MIME) != 0)
		return run_mime(&query, message);
	if (!header_find_end(message, &header))
		header = message.len;
	return ask_fields(&query, span_head(message, header)) &&
	    ask_lines(&query, span_skip(message, header));
}
