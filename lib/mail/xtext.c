/* SPDX-License-Identifier: MIT */
#include "lib/mail/xtext.h"

#include "lib/base/number.h"

static bool
is_plain(char byte)
{
	return byte > ' ' && byte <= '~' && byte != '+' && byte != '=';
}

bool
xtext_encode(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_plain(text.at[i]))
			buf_append_byte(out, text.at[i]);
		else
			buf_printf(out, "+%02X", (unsigned char)text.at[i]);
	}
	return !out->overflowed;
}

/* Takes one byte of text, plain or encoded, from the front of *rest. */
static bool
take_byte(struct span *rest, char *byte)
{
	uint64_t number;

	*byte = rest->at[0];
	*rest = span_skip(*rest, 1);
	if (*byte != '+')
		return is_plain(*byte);
	if (rest->len < 2 ||
	    !number_parse_hex(span_head(*rest, 2), 255, &number))
		return false;
	*byte = (char)number;
	*rest = span_skip(*rest, 2);
	return true;
}

bool
xtext_decode(struct buf *out, struct span text)
{
	size_t before = out->len;

	while (text.len > 0) {
		char byte;

		if (!take_byte(&text, &byte) || !buf_append_byte(out, byte)) {
			buf_shorten(out, out->len - before);
			return false;
		}
	}
	return true;
}
