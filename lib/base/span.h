/* SPDX-License-Identifier: MIT */
/* A borrowed slice of bytes: whoever made the bytes owns them and must outlive
 * the span. Every parser reads spans; nothing here needs or writes a NUL. A
 * zeroed struct is an empty span. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include "lib/base/base.h"

struct span {
	const char *at;
	size_t len;
};

/* For printf: "%.*s", SPAN_ARGS(span). */
#define SPAN_ARGS(span) (int)(span).len, (span).at

/* The span of a string literal. */
#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})

#define SPAN_EMPTY ((struct span){"", 0})

static inline struct span
span_of(const void *at, size_t len)
{
	return (struct span){at, len};
}

/* The span of a NUL-terminated text; NULL gives the empty span. */
static inline struct span
span_text(const char *text)
{
	return text == NULL ? SPAN_EMPTY : (struct span){text, strlen(text)};
}

/* Without the first `count` bytes (all of them when there are fewer). */
static inline struct span
span_skip(struct span text, size_t count)
{
	if (count == 0 || text.len == 0)
		return text;
	if (count > text.len)
		count = text.len;
	return (struct span){text.at + count, text.len - count};
}

/* Only the first `count` bytes (all of them when there are fewer). */
static inline struct span
span_head(struct span text, size_t count)
{
	return (struct span){text.at, count < text.len ? count : text.len};
}

/* Copies the bytes to `to`, which has room for them; the `at` of a span without
 * bytes may be NULL, which memcpy does not allow. */
static inline void
span_copy(void *to, struct span text)
{
	if (text.len > 0)
		memcpy(to, text.at, text.len);
}

bool span_equal(struct span a, struct span b);
/* ASCII letters match whatever their case. */
bool span_equal_fold(struct span a, struct span b);
bool span_starts(struct span text, struct span start);
bool span_starts_fold(struct span text, struct span start);
bool span_ends(struct span text, struct span end);
bool span_ends_fold(struct span text, struct span end);
/* Orders by bytes, shorter first when one starts the other: <0, 0, >0. */
int span_compare(struct span a, struct span b);

/* Position of the first (last) `byte`, or text.len when there is none. */
size_t span_find(struct span text, char byte);
size_t span_find_last(struct span text, char byte);
/* Position of the first occurrence of `part`, or text.len. */
size_t span_find_span(struct span text, struct span part);

/* Cuts at the first `separator`: *head before it, *tail behind it. False when
 * there is none: then *head is all of text and *tail is empty. */
bool span_split(
    struct span text, char separator, struct span *head, struct span *tail);

/* Takes the next run of bytes outside `separators` from the front of *rest,
 * skipping separators before it. False at the end. */
bool span_take_word(
    struct span *rest, const char *separators, struct span *word);

/* Without white space (blank, tab, CR, LF) at both ends. */
struct span span_trim(struct span text);

#endif
