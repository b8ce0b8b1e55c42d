/* SPDX-License-Identifier: MIT */
#include "lib/base/base64.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool
base64_encode(struct span bytes, struct buf *out)
{
	char *to = buf_reserve(out, (bytes.len + 2) / 3 * 4);
	size_t len = 0;

	if (to == NULL)
		return false;
	for (size_t i = 0; i < bytes.len; i += 3) {
		struct span three = span_head(span_skip(bytes, i), 3);
		uint32_t bits = 0;

		for (size_t n = 0; n < 3; n++)
			bits = bits << 8 |
			    (n < three.len ? (uint8_t)three.at[n] : 0);
		for (size_t n = 0; n < 4; n++)
			to[len++] = n <= three.len
			    ? digits[bits >> (18 - 6 * n) & 63]
			    : '=';
	}
	buf_grew(out, len);
	return true;
}

/* Of what four digits stand for, one to three bytes. */
static bool
decode_four(struct span four, struct buf *out)
{
	uint32_t bits = 0;
	size_t len = 4;

	while (len > 2 && four.at[len - 1] == '=')
		len--;
	for (size_t i = 0; i < 4; i++) {
		const char *digit =
		    i < len ? memchr(digits, four.at[i], 64) : digits;

		if (digit == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(digit - digits);
	}
	if ((bits & (0xffffffU >> (8 * (len - 1)))) != 0)
		return false;
	for (size_t i = 0; i + 1 < len; i++)
		if (!buf_append_byte(out, (char)(bits >> (16 - 8 * i) & 0xff)))
			return false;
	return true;
}

bool
base64_decode(struct span text, struct buf *out)
{
	if (text.len % 4 != 0)
		return false;
	for (; text.len > 4; text = span_skip(text, 4))
		if (text.at[3] == '=' || !decode_four(span_head(text, 4), out))
			return false;
	return text.len == 0 || decode_four(text, out);
}
