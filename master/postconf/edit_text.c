/* SPDX-License-Identifier: MIT */
#include "master/postconf/edit_text.h"

#include "lib/base/text.h"
#include "lib/param/logical_line.h"

/* The physical line at the start of `text`, with its end. */
static struct span
first_line(struct span text)
{
	return span_head(text, span_find(text, '\n') + 1);
}

static bool
is_silent(struct span line)
{
	line = span_trim(line);
	return line.len == 0 || line.at[0] == '#';
}

/* Neither silent nor a continuation. */
static bool
begins_entry(struct span line)
{
	return !is_silent(line) && !text_is_space(line.at[0]);
}

/* The entry at the start of `text` as one line. */
static void
join_entry(struct span text, struct buf *entry)
{
	struct span line = first_line(text);

	buf_clear(entry);
	do {
		struct span visible = line;

		while (visible.len > 0 &&
		    text_is_space(visible.at[visible.len - 1]))
			visible.len--;
		if (!is_silent(line))
			buf_append_span(entry, visible);
		text = span_skip(text, line.len);
		line = first_line(text);
	} while (text.len > 0 && !begins_entry(line));
}

void
edit_text(struct span text,
    enum edit_action (*decide)(
	void *argument, struct span entry, struct buf *out),
    void *argument, struct buf *out)
{
	enum edit_action action = EDIT_KEEP; /* of the entry we are in */
	struct buf entry;

	buf_init(&entry, LOGICAL_LINE_MAXIMUM);
	while (text.len > 0) {
		struct span line = first_line(text);

		if (begins_entry(line)) {
			join_entry(text, &entry);
			action = decide(argument, buf_span(&entry), out);
		}
		text = span_skip(text, line.len);
		if (action == EDIT_COMMENT && !is_silent(line))
			buf_append_byte(out, '#');
		if (action != EDIT_DROP || is_silent(line))
			buf_append_span(out, line);
	}
	buf_finish(&entry);
}

void
edit_text_end_line(struct buf *out)
{
	if (out->len > 0 && out->at[out->len - 1] != '\n')
		buf_append_byte(out, '\n');
}
