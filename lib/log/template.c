/* SPDX-License-Identifier: MIT */
#include "lib/log/template.h"

#include <inttypes.h>

#include "lib/base/text.h"

struct fields {
	const struct log_field *at;
	size_t count;
};

static const struct log_field *
find_field(struct fields fields, struct span name)
{
	for (size_t i = 0; i < fields.count; i++)
		if (fields.at[i].name != NULL &&
		    span_equal(span_text(fields.at[i].name), name))
			return &fields.at[i];
	return NULL;
}

static bool
is_plain(struct span local)
{
	for (size_t i = 0; i < local.len; i++) {
		char byte = local.at[i];

		if (!text_is_alphanumeric(byte) && (unsigned char)byte < 128 &&
		    (byte == '\0' ||
			strchr(".!#$%&'*+-/=?^_`{|}~", byte) == NULL))
			return false;
	}
	return true;
}

static bool
needs_backslash(char byte)
{
	return byte == '"' || byte == '\\';
}

/* RFC 5321 4.1.2: what is no atom is a quoted string. */
static void
append_address(struct buf *out, struct span address)
{
	size_t at = span_find_last(address, '@');
	struct span local = span_head(address, at);

	if (is_plain(local)) {
		text_append_printable(out, address);
		return;
	}
	buf_append_byte(out, '"');
	while (local.len > 0) {
		size_t len = 1;

		if (needs_backslash(local.at[0]))
			buf_append_byte(out, '\\');
		while (len < local.len && !needs_backslash(local.at[len]))
			len++;
		text_append_printable(out, span_head(local, len));
		local = span_skip(local, len);
	}
	buf_append_byte(out, '"');
	text_append_printable(out, span_skip(address, at));
}

static void
append_field(struct buf *out, const struct log_field *field)
{
	if (field == NULL)
		return;
	if (field->is_number)
		buf_printf(out, "%" PRIu64, field->number);
	else if (field->is_address)
		append_address(out, field->text);
	else
		text_append_printable(out, field->text);
}

/* Text with {fields} and no optional parts. */
static void
fill_plain(struct buf *out, struct span text, struct fields fields)
{
	struct span literal;
	struct span name;

	while (text.len > 0) {
		bool has_field = span_split(text, '{', &literal, &text);

		buf_append_span(out, literal);
		if (!has_field)
			return;
		span_split(text, '}', &name, &text);
		append_field(out, find_field(fields, name));
	}
}

static bool
has_all_fields(struct span text, struct fields fields)
{
	struct span literal;
	struct span name;

	while (span_split(text, '{', &literal, &text)) {
		span_split(text, '}', &name, &text);
		if (find_field(fields, name) == NULL)
			return false;
	}
	return true;
}

void
template_fill(struct buf *out, const char *template, const struct log_field *at,
    size_t count)
{
	struct fields fields = {at, count};
	struct span rest = span_text(template);

	while (rest.len > 0) {
		size_t start = span_find_span(rest, SPAN("(("));
		struct span optional;
		size_t len;

		fill_plain(out, span_head(rest, start), fields);
		optional = span_skip(rest, start + 2);
		len = span_find_span(optional, SPAN("))"));
		rest = span_skip(optional, len + 2);
		optional = span_head(optional, len);
		if (has_all_fields(optional, fields))
			fill_plain(out, optional, fields);
	}
}

void
template_json(struct buf *out, const struct log_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fields[i].name == NULL)
			continue;
		buf_printf(out, ",\"%s\":", fields[i].name);
		if (fields[i].is_number)
			buf_printf(out, "%" PRIu64, fields[i].number);
		else
			text_append_json(out, fields[i].text);
	}
}
