/* SPDX-License-Identifier: MIT */
#include "lib/mail/unitext.h"

#include "lib/base/number.h"
#include "lib/base/text.h"

enum {
	DIGITS_MINIMUM = 2,
	DIGITS_MAXIMUM = 6,
	POINT_MAXIMUM = 0x10ffff,
	SURROGATE_FIRST = 0xd800,
	SURROGATE_LAST = 0xdfff
};

static bool
is_plain(char byte)
{
	return byte > ' ' && byte <= '~' && byte != '+' && byte != '=' &&
	    byte != '\\';
}

/* Takes a character from the front of *rest, which is valid UTF-8. */
static uint32_t
take_point(struct span *rest)
{
	unsigned char first = (unsigned char)rest->at[0];
	size_t more = first < 0x80 ? 0
	    : first < 0xe0         ? 1
	    : first < 0xf0         ? 2
				   : 3;
	uint32_t point = more == 0 ? first : first & (0x3fu >> more);

	for (size_t i = 1; i <= more; i++)
		point = point << 6 | ((unsigned char)rest->at[i] & 0x3fu);
	*rest = span_skip(*rest, more + 1);
	return point;
}

bool
unitext_encode(struct buf *out, struct span text)
{
	if (!text_is_utf8(text))
		return false;
	while (text.len > 0) {
		char byte = text.at[0];
		uint32_t point = take_point(&text);

		if (point < 0x80 && is_plain(byte))
			buf_append_byte(out, byte);
		else
			buf_printf(out, "\\x{%02X}", point);
	}
	return !out->overflowed;
}

static bool
append_point(struct buf *out, uint32_t point)
{
	char bytes[4];
	size_t len = point < 0x80 ? 1
	    : point < 0x800       ? 2
	    : point < 0x10000     ? 3
				  : 4;

	if (len == 1)
		return buf_append_byte(out, (char)point);
	for (size_t i = len - 1; i > 0; i--) {
		bytes[i] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	bytes[0] = (char)((0xf00u >> len & 0xf0) | point);
	return buf_append(out, bytes, len);
}

/* "\x{HEX}" at the front of *rest. */
static bool
take_named(struct span *rest, struct buf *out)
{
	uint64_t point;
	struct span digits;
	struct span tail;

	if (!span_starts(*rest, SPAN("\\x{")) ||
	    !span_split(span_skip(*rest, 3), '}', &digits, &tail) ||
	    digits.len < DIGITS_MINIMUM || digits.len > DIGITS_MAXIMUM ||
	    !number_parse_hex(digits, POINT_MAXIMUM, &point) ||
	    (point >= SURROGATE_FIRST && point <= SURROGATE_LAST))
		return false;
	*rest = tail;
	return append_point(out, (uint32_t)point);
}

/* "+HH" at the front of *rest. */
static bool
take_byte(struct span *rest, struct buf *out, bool utf8)
{
	uint64_t number;

	if (rest->len < 3 ||
	    !number_parse_hex(
		span_head(span_skip(*rest, 1), 2), utf8 ? 255 : 127, &number))
		return false;
	*rest = span_skip(*rest, 3);
	return buf_append_byte(out, (char)number);
}

static bool
take(struct span *rest, struct buf *out, bool utf8)
{
	char byte = rest->at[0];

	if (byte == '\\')
		return take_named(rest, out);
	if (byte == '+')
		return take_byte(rest, out, utf8);
	if (!is_plain(byte) && (!utf8 || (unsigned char)byte < 0x80))
		return false;
	*rest = span_skip(*rest, 1);
	return buf_append_byte(out, byte);
}

bool
unitext_decode(struct buf *out, struct span text, bool utf8)
{
	size_t before = out->len;

	while (text.len > 0) {
		if (!take(&text, out, utf8)) {
			buf_shorten(out, out->len - before);
			return false;
		}
	}
	return true;
}
