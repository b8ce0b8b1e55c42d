/* SPDX-License-Identifier: MIT */
#include "lib/base/span.h"

#include <strings.h>

#define WHITE_SPACE " \t\r\n"

/* memcmp that a zeroed span may reach. */
static int
compare_bytes(struct span a, struct span b, size_t count)
{
	return count == 0 ? 0 : memcmp(a.at, b.at, count);
}

bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len && compare_bytes(a, b, a.len) == 0;
}

bool
span_equal_fold(struct span a, struct span b)
{
	return a.len == b.len &&
	    (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

bool
span_starts(struct span text, struct span start)
{
	return span_equal(span_head(text, start.len), start);
}

bool
span_starts_fold(struct span text, struct span start)
{
	return span_equal_fold(span_head(text, start.len), start);
}

static struct span
last_bytes(struct span text, size_t count)
{
	return count > text.len ? text : span_skip(text, text.len - count);
}

bool
span_ends(struct span text, struct span end)
{
	return span_equal(last_bytes(text, end.len), end);
}

bool
span_ends_fold(struct span text, struct span end)
{
	return span_equal_fold(last_bytes(text, end.len), end);
}

int
span_compare(struct span a, struct span b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int order = compare_bytes(a, b, shared);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

size_t
span_find(struct span text, char byte)
{
	const char *found =
	    text.len == 0 ? NULL : memchr(text.at, byte, text.len);

	return found == NULL ? text.len : (size_t)(found - text.at);
}

size_t
span_find_last(struct span text, char byte)
{
	const char *found =
	    text.len == 0 ? NULL : memrchr(text.at, byte, text.len);

	return found == NULL ? text.len : (size_t)(found - text.at);
}

size_t
span_find_span(struct span text, struct span part)
{
	const char *found;

	if (text.len == 0 || part.len == 0)
		return 0;
	found = memmem(text.at, text.len, part.at, part.len);
	return found == NULL ? text.len : (size_t)(found - text.at);
}

bool
span_split(
    struct span text, char separator, struct span *head, struct span *tail)
{
	size_t position = span_find(text, separator);

	*head = span_head(text, position);
	*tail = span_skip(text, position + 1);
	return position < text.len;
}

static bool
is_one_of(char byte, const char *set)
{
	return byte != '\0' && strchr(set, byte) != NULL;
}

bool
span_take_word(struct span *rest, const char *separators, struct span *word)
{
	size_t len = 0;

	while (rest->len > 0 && is_one_of(rest->at[0], separators))
		*rest = span_skip(*rest, 1);
	while (len < rest->len && !is_one_of(rest->at[len], separators))
		len++;
	*word = span_head(*rest, len);
	*rest = span_skip(*rest, len);
	return len > 0;
}

struct span
span_trim(struct span text)
{
	while (text.len > 0 && is_one_of(text.at[0], WHITE_SPACE))
		text = span_skip(text, 1);
	while (text.len > 0 && is_one_of(text.at[text.len - 1], WHITE_SPACE))
		text.len--;
	return text;
}
