/* SPDX-License-Identifier: MIT */
/* ASCII only and independent of the locale. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "lib/base/buf.h"

static inline char
text_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static inline bool
text_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static inline bool
text_is_letter(char byte)
{
	return text_lower(byte) >= 'a' && text_lower(byte) <= 'z';
}

static inline bool
text_is_alphanumeric(char byte)
{
	return text_is_digit(byte) || text_is_letter(byte);
}

static inline bool
text_is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static inline bool
text_is_space(char byte)
{
	return text_is_blank(byte) || byte == '\r' || byte == '\n';
}

/* Blank to tilde. */
static inline bool
text_is_printable(char byte)
{
	return byte >= ' ' && byte <= '~';
}

void text_fold(char *at, size_t len);

/* Valid UTF-8 begins with one of U+0080 to U+009F, which are two bytes: control
 * characters, too, that some terminals obey. */
static inline bool
text_starts_with_control(struct span utf8)
{
	return utf8.len >= 2 && utf8.at[0] == '\xc2' &&
	    (unsigned char)utf8.at[1] < 0xa0;
}

/* Appends `text` with control characters, and bytes above 126 unless the whole
 * is valid UTF-8, replaced by '?': what a peer sent, fit for a log line. */
bool text_append_printable(struct buf *out, struct span text);

/* Appends `text` as a JSON string in quotes; bytes above 127 become '?' unless
 * the whole is valid UTF-8. */
void text_append_json(struct buf *out, struct span text);

bool text_is_utf8(struct span text);
bool text_is_ascii(struct span text);

/* Valid UTF-8 that shows what it is: no control characters, no zero-width or
 * direction-changing ones (U+200B to U+200F, U+2028 to U+202E, U+2060 to
 * U+206F, U+FEFF). What a name from a peer must be. */
bool text_is_visible(struct span text);

#endif
