/* SPDX-License-Identifier: MIT */
#include "lib/mail/mail_address.h"

#include "lib/base/text.h"
#include "lib/mail/atext.h"

struct mail_address
mail_address_split(struct span text)
{
	size_t at = span_find_last(text, '@');

	return (struct mail_address){
	    .text = text,
	    .local = span_head(text, at),
	    .domain = span_skip(text, at + 1),
	};
}

/* RFC 5321 4.1.2 Dot-string, bytes above 127 included (RFC 6531 3.3). */
static bool
is_dot_string(struct span local)
{
	char before = '.';

	for (size_t i = 0; i < local.len; i++) {
		char byte = local.at[i];

		if (byte == '.' ? before == '.' : !atext_has(byte))
			return false;
		before = byte;
	}
	return before != '.';
}

static char
visible(char byte)
{
	return text_is_printable(byte) || text_is_high(byte) ? byte : '?';
}

static bool
append_quoted_string(struct buf *out, struct span local)
{
	buf_append_byte(out, '"');
	for (size_t i = 0; i < local.len; i++) {
		if (local.at[i] == '"' || local.at[i] == '\\')
			buf_append_byte(out, '\\');
		buf_append_byte(out, visible(local.at[i]));
	}
	return buf_append_byte(out, '"');
}

static bool
append_domain(struct buf *out, struct span domain)
{
	for (size_t i = 0; i < domain.len; i++) {
		char byte = visible(domain.at[i]);

		if (byte == ' ' || byte == '<' || byte == '>')
			byte = '?';
		buf_append_byte(out, byte);
	}
	return !out->overflowed;
}

bool
mail_address_append_quoted(struct buf *out, struct span text)
{
	struct mail_address address = mail_address_split(text);

	if (text.len == 0)
		return true;
	if (is_dot_string(address.local))
		buf_append_span(out, address.local);
	else
		append_quoted_string(out, address.local);
	if (address.local.len < text.len)
		buf_append_byte(out, '@');
	return append_domain(out, address.domain) && !out->overflowed;
}

bool
mail_address_append_path(struct buf *out, struct span text)
{
	buf_append_byte(out, '<');
	mail_address_append_quoted(out, text);
	return buf_append_byte(out, '>') && !out->overflowed;
}

const char *
mail_address_quote(struct pool *pool, struct span text)
{
	struct buf quoted;
	const char *copy;

	buf_init(&quoted, 2 * text.len + 2);
	must(mail_address_append_quoted(&quoted, text));
	copy = pool_copy(pool, buf_span(&quoted));
	buf_finish(&quoted);
	return copy;
}

bool
mail_address_fold(struct pool *pool, struct span text, struct span *folded)
{
	char *copy = pool_copy(pool, text);

	if (copy == NULL)
		return false;
	text_fold(copy, text.len);
	*folded = span_of(copy, text.len);
	return true;
}

static bool
has_no_extension(struct span local)
{
	static const struct span names[] = {
	    {"mailer-daemon", 13},
	    {"double-bounce", 13},
	    {"postmaster", 10},
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (span_equal_fold(local, names[i]))
			return true;
	return false;
}

bool
mail_address_split_extension(struct span local, const char *delimiters,
    struct span *user, struct span *extension)
{
	size_t len = 0;

	while (len < local.len &&
	    (local.at[len] == '\0' ||
		strchr(delimiters, local.at[len]) == NULL))
		len++;
	if (len == 0 || len == local.len || has_no_extension(local))
		return false;
	*user = span_head(local, len);
	*extension = span_skip(local, len + 1);
	return true;
}
