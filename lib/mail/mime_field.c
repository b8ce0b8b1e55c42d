/* SPDX-License-Identifier: MIT */
#include "lib/mail/mime_field.h"

#include "lib/base/text.h"
#include "lib/mail/comment.h"

static char
peek(struct span rest)
{
	return rest.len > 0 ? rest.at[0] : '\0';
}

static void
skip(struct span *rest, size_t count)
{
	*rest = span_skip(*rest, count);
}

static void
skip_gap(struct span *rest)
{
	for (;;) {
		char byte = peek(*rest);

		if (rest->len > 0 && (text_is_space(byte) || byte == '\0'))
			skip(rest, 1);
		else if (byte == '(')
			(void)comment_skip(rest);
		else
			return;
	}
}

/* token of RFC 2045 5.1. */
static bool
is_token_byte(char byte)
{
	return byte > ' ' && byte <= '~' &&
	    strchr("()<>@,;:\\\"/[]?=", byte) == NULL;
}

static struct span
take_token(struct span *rest)
{
	size_t len = 0;

	skip_gap(rest);
	while (len < rest->len && is_token_byte(rest->at[len]))
		len++;
	skip(rest, len);
	return span_of(rest->at - len, len);
}

/* The front is the opening quote. *value is NULL when nobody wants it. */
static void
take_quoted(struct span *rest, struct buf *value)
{
	skip(rest, 1);
	while (rest->len > 0 && peek(*rest) != '"') {
		if (peek(*rest) == '\\')
			skip(rest, 1);
		if (value != NULL && rest->len > 0 && peek(*rest) != '\r' &&
		    peek(*rest) != '\n')
			(void)buf_append_byte(value, peek(*rest));
		skip(rest, 1);
	}
	skip(rest, 1);
}

/* Without quotes many programs write what should have them. */
static void
take_naked(struct span *rest, struct buf *value)
{
	size_t len = 0;

	while (len < rest->len && rest->at[len] != ';' &&
	    !text_is_space(rest->at[len]))
		len++;
	for (size_t i = 0; value != NULL && i < len; i++)
		(void)buf_append_byte(value, rest->at[i]);
	skip(rest, len);
}

static void
take_value(struct span *rest, struct buf *value)
{
	skip_gap(rest);
	if (peek(*rest) == '"')
		take_quoted(rest, value);
	else
		take_naked(rest, value);
}

/* Goes behind the next ';'; false when there is none. */
static bool
find_parameter(struct span *rest)
{
	while (rest->len > 0) {
		skip_gap(rest);
		if (peek(*rest) == ';') {
			skip(rest, 1);
			return true;
		}
		if (peek(*rest) == '"')
			take_quoted(rest, NULL);
		else
			skip(rest, 1);
	}
	return false;
}

/* The first of that name counts. No boundary ends in a blank. */
static void
find_boundary(struct span rest, struct buf *boundary)
{
	while (boundary->len == 0 && find_parameter(&rest)) {
		struct span name = take_token(&rest);

		skip_gap(&rest);
		if (peek(rest) != '=')
			continue;
		skip(&rest, 1);
		take_value(&rest,
		    span_equal_fold(name, SPAN("boundary")) ? boundary : NULL);
	}
	while (!boundary->overflowed && boundary->len > 0 &&
	    text_is_blank(boundary->at[boundary->len - 1]))
		buf_shorten(boundary, 1);
}

static enum mime_kind
kind_of(struct span type, struct span subtype)
{
	if (span_equal_fold(type, SPAN("multipart")))
		return span_equal_fold(subtype, SPAN("digest"))
		    ? MIME_DIGEST
		    : MIME_MULTIPART;
	if (span_equal_fold(type, SPAN("message")) &&
	    (span_equal_fold(subtype, SPAN("rfc822")) ||
		span_equal_fold(subtype, SPAN("global"))))
		return MIME_MESSAGE;
	return MIME_LEAF;
}

enum mime_kind
mime_field_kind(struct span value, struct buf *boundary)
{
	struct span rest = value;
	struct span type = take_token(&rest);
	enum mime_kind kind;

	skip_gap(&rest);
	if (peek(rest) != '/')
		return MIME_LEAF;
	skip(&rest, 1);
	kind = kind_of(type, take_token(&rest));
	if (kind != MIME_MULTIPART && kind != MIME_DIGEST)
		return kind;
	find_boundary(rest, boundary);
	return boundary->len > 0 ? kind : MIME_LEAF;
}

enum mime_encoding
mime_field_encoding(struct span value)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} encodings[] = {
	    {"7bit", MIME_ENCODING_7BIT},
	    {"8bit", MIME_ENCODING_8BIT},
	    {"binary", MIME_ENCODING_BINARY},
	    {"quoted-printable", MIME_ENCODING_QUOTED_PRINTABLE},
	    {"base64", MIME_ENCODING_BASE64},
	};
	struct span token = take_token(&value);

	for (size_t i = 0; i < COUNT_OF(encodings); i++)
		if (span_equal_fold(token, span_text(encodings[i].name)))
			return encodings[i].encoding;
	return MIME_ENCODING_OTHER;
}
