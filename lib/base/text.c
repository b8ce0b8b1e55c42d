/* SPDX-License-Identifier: MIT */
#include "lib/base/text.h"

void
text_fold(char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = text_lower(at[i]);
}

/* Length of the well-formed UTF-8 sequence (RFC 3629) at the start of `text`,
 * or 0. */
static size_t
sequence_length(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.at;
	unsigned char low = 0x80;
	unsigned char high = 0xbf;
	size_t len;

	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xc2 && at[0] <= 0xdf)
		len = 2;
	else if (at[0] >= 0xe0 && at[0] <= 0xef)
		len = 3;
	else if (at[0] >= 0xf0 && at[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (text.len < len)
		return 0;
	if (at[0] == 0xe0)
		low = 0xa0;
	if (at[0] == 0xf0)
		low = 0x90;
	if (at[0] == 0xed)
		high = 0x9f;
	if (at[0] == 0xf4)
		high = 0x8f;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return len;
}

bool
text_is_utf8(struct span text)
{
	while (text.len > 0) {
		size_t len = sequence_length(text);

		if (len == 0)
			return false;
		text = span_skip(text, len);
	}
	return true;
}

bool
text_is_ascii(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] > 127)
			return false;
	return true;
}

/* Ranges of code points that text_is_visible refuses. */
static const struct {
	uint32_t first;
	uint32_t last;
} invisible[] = {
    {0x0000, 0x001f},
    {0x007f, 0x009f},
    {0x200b, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x206f},
    {0xfeff, 0xfeff},
};

/* The code point of the well-formed sequence of `len` bytes at `at`. */
static uint32_t
code_point(const char *at, size_t len)
{
	static const unsigned char lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t point = (unsigned char)at[0] & lead_mask[len];

	for (size_t i = 1; i < len; i++)
		point = point << 6 | ((unsigned char)at[i] & 0x3f);
	return point;
}

bool
text_is_visible(struct span text)
{
	while (text.len > 0) {
		size_t len = sequence_length(text);
		uint32_t point;

		if (len == 0)
			return false;
		point = code_point(text.at, len);
		for (size_t i = 0; i < COUNT_OF(invisible); i++)
			if (point >= invisible[i].first &&
			    point <= invisible[i].last)
				return false;
		text = span_skip(text, len);
	}
	return true;
}

bool
text_append_printable(struct buf *out, struct span text)
{
	bool keep_high = text_is_utf8(text);
	char *end = buf_reserve(out, text.len);

	if (end == NULL)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.at[i];
		bool keep = text_is_printable(byte) ||
		    ((unsigned char)byte > 127 && keep_high);

		end[i] = keep ? byte : '?';
		if (keep_high && text_starts_with_control(span_skip(text, i))) {
			end[i] = '?';
			end[++i] = '?';
		}
	}
	buf_grew(out, text.len);
	return true;
}

void
text_append_json(struct buf *out, struct span text)
{
	bool is_utf8 = text_is_utf8(text);

	buf_append_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.at[i];

		if (byte == '"' || byte == '\\')
			buf_printf(out, "\\%c", byte);
		else if (is_utf8 &&
		    text_starts_with_control(span_skip(text, i)))
			buf_printf(out, "\\u%04x", (unsigned char)text.at[++i]);
		else if (byte < ' ' || byte == 127)
			buf_printf(out, "\\u%04x", byte);
		else
			buf_append_byte(
			    out, byte > 127 && !is_utf8 ? '?' : text.at[i]);
	}
	buf_append_byte(out, '"');
}
