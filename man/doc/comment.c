/* SPDX-License-Identifier: MIT */
#include "man/doc/comment.h"

#include "lib/param/doc/mdoc.h"

enum {
	LINE_MAXIMUM = 1024
};

bool
comment_take(struct span *rest, struct span *comment)
{
	size_t start = span_find_span(*rest, SPAN("/*"));
	struct span body = span_skip(*rest, start + 2);
	size_t end = span_find_span(body, SPAN("*/"));

	if (start == rest->len || end == body.len)
		return false;
	*comment = span_head(body, end);
	*rest = span_skip(body, end + 2);
	return true;
}

bool
comment_take_line(struct span *comment, struct span *line)
{
	if (comment->len == 0)
		return false;
	(void)span_split(*comment, '\n', line, comment);
	if (span_starts(*line, SPAN(" *")))
		*line = span_skip(*line, 2);
	if (span_starts(*line, SPAN(" ")))
		*line = span_skip(*line, 1);
	return true;
}

void
comment_append_line(struct buf *out, struct span line)
{
	char text[LINE_MAXIMUM];

	snprintf(text, sizeof text, "%.*s", SPAN_ARGS(line));
	mdoc_append_text(out, text);
	buf_append_byte(out, '\n');
}

bool
comment_append(struct buf *out, struct span source, struct error *error)
{
	struct span comment;
	struct span line;
	bool has_licence = comment_take(&source, &comment);

	if (!has_licence || !comment_take(&source, &comment))
		return error_set(error, ERROR_INVALID, "no second comment");
	buf_append_text(out, ".Bd -literal\n");
	while (comment_take_line(&comment, &line))
		if (comment.len > 0 || span_trim(line).len > 0)
			comment_append_line(out, line);
	buf_append_text(out, ".Ed\n");
	return true;
}
