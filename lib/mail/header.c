/* SPDX-License-Identifier: MIT */
#include "lib/mail/header.h"

#include "lib/base/text.h"

enum {
	HEADER_PRINTF_SIZE = 1024
};

/* Length of the line at the start of `text`, its LF included; all of the text
 * when there is none. */
static size_t
line_length(struct span text)
{
	size_t position = span_find(text, '\n');

	return position < text.len ? position + 1 : text.len;
}

static bool
is_continuation(struct span text)
{
	return text.len > 0 && text_is_blank(text.at[0]);
}

static size_t
field_length(struct span text)
{
	size_t len = line_length(text);

	while (is_continuation(span_skip(text, len)))
		len += line_length(span_skip(text, len));
	return len;
}

bool
header_name_is_valid(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == ':')
			return false;
	return name.len > 0;
}

/* Name and value of a field; blanks before the colon are tolerated (RFC 5322
 * 4.5.8). */
static bool
split_field(struct span whole, struct span *name, struct span *value)
{
	if (is_continuation(whole) || !span_split(whole, ':', name, value))
		return false;
	*name = span_trim(*name);
	*value = span_trim(*value);
	return header_name_is_valid(*name);
}

bool
header_next(struct span *rest, struct header_field *field)
{
	size_t len;

	if (rest->len == 0)
		return false;
	len = field_length(*rest);
	field->whole = span_head(*rest, len);
	*rest = span_skip(*rest, len);
	if (!split_field(field->whole, &field->name, &field->value)) {
		field->name = SPAN_EMPTY;
		field->value = SPAN_EMPTY;
	}
	return true;
}

bool
header_find(struct span block, struct span name, struct header_field *field)
{
	while (header_next(&block, field))
		if (field->name.len > 0 && span_equal_fold(field->name, name))
			return true;
	return false;
}

/* The line, complete, may stand in a header whose text before it is `before`
 * bytes long. */
static bool
is_header_line(struct span line, size_t before)
{
	struct span name;
	struct span value;

	if (is_continuation(line))
		return before > 0;
	return split_field(line, &name, &value);
}

bool
header_find_end(struct span text, size_t *scanned)
{
	for (;;) {
		struct span rest = span_skip(text, *scanned);
		size_t position = span_find(rest, '\n');

		if (position == rest.len)
			return false;
		if (!is_header_line(span_head(rest, position), *scanned))
			return true;
		*scanned += position + 1;
	}
}

bool
header_unfold(struct buf *out, struct span value)
{
	struct span rest = value;

	while (rest.len > 0) {
		size_t len = line_length(rest);
		struct span line = span_head(rest, len);

		if (span_ends(line, SPAN("\n")))
			line.len--;
		if (line.len < len && span_ends(line, SPAN("\r")))
			line.len--;
		if (!buf_append_span(out, line))
			return false;
		rest = span_skip(rest, len);
	}
	return true;
}

void
header_open(struct buf *out, const char *name)
{
	must(header_name_is_valid(span_text(name)));
	buf_append_text(out, name);
	buf_append_text(out, ": ");
}

void
header_add(struct buf *out, struct span text)
{
	text_append_printable(out, text);
}

void
header_printf(struct buf *out, const char *format, ...)
{
	struct buf text;
	va_list arguments;

	buf_init(&text, HEADER_PRINTF_SIZE);
	va_start(arguments, format);
	if (!buf_vprintf(&text, format, arguments))
		out->overflowed = true;
	va_end(arguments);
	header_add(out, buf_span(&text));
	buf_finish(&text);
}

void
header_fold(struct buf *out)
{
	buf_append_text(out, "\r\n\t");
}

void
header_close(struct buf *out)
{
	buf_append_text(out, "\r\n");
}

void
header_append(struct buf *out, const char *name, struct span value)
{
	header_open(out, name);
	header_add(out, value);
	header_close(out);
}
