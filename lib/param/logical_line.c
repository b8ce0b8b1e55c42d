/* SPDX-License-Identifier: MIT */
#include "lib/param/logical_line.h"

#include "lib/base/text.h"

void
logical_line_start(
    struct logical_line_reader *reader, const char *file, struct span text)
{
	*reader = (struct logical_line_reader){
	    .file = file,
	    .rest = text,
	    .next_number = 1,
	};
}

/* Takes a physical line without its end. */
static struct span
take_physical(struct logical_line_reader *reader)
{
	struct span line;

	span_split(reader->rest, '\n', &line, &reader->rest);
	reader->next_number++;
	return line;
}

static struct span
trim_end(struct span text)
{
	while (text.len > 0 && text_is_space(text.at[text.len - 1]))
		text.len--;
	return text;
}

/* Empty, or a comment. */
static bool
says_nothing(struct span line)
{
	line = span_trim(line);
	return line.len == 0 || line.at[0] == '#';
}

/* The physical line that comes next, without taking it. */
static struct span
peek_physical(const struct logical_line_reader *reader)
{
	return span_head(reader->rest, span_find(reader->rest, '\n'));
}

static void
skip_silent_lines(struct logical_line_reader *reader)
{
	while (reader->rest.len > 0 && says_nothing(peek_physical(reader)))
		take_physical(reader);
}

static enum logical_line_result
fail(struct logical_line_reader *reader, struct error *error,
    enum error_kind kind, const char *words)
{
	error_set(error, kind, "%s, line %u: %s", reader->file, reader->number,
	    words);
	return LOGICAL_LINE_BAD;
}

enum logical_line_result
logical_line_next(
    struct logical_line_reader *reader, struct buf *line, struct error *error)
{
	bool continues;

	buf_clear(line);
	skip_silent_lines(reader);
	if (reader->rest.len == 0)
		return LOGICAL_LINE_END;
	reader->number = reader->next_number;
	continues = text_is_space(reader->rest.at[0]);
	do {
		buf_append_span(line, trim_end(take_physical(reader)));
		skip_silent_lines(reader);
	} while (reader->rest.len > 0 && text_is_space(reader->rest.at[0]));
	if (continues)
		return fail(reader, error, ERROR_INVALID,
		    "white space at the beginning, but there is no line that "
		    "this could continue");
	if (line->overflowed)
		return fail(reader, error, ERROR_LIMIT, "too long");
	if (span_find(buf_span(line), '\0') < line->len)
		return fail(reader, error, ERROR_INVALID,
		    "expected text, found a zero byte");
	return LOGICAL_LINE_TEXT;
}
