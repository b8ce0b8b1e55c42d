/* SPDX-License-Identifier: MIT */
/* A growable run of bytes with a maximum given at creation. Embedded in its
 * owner, who calls buf_finish. Memory is taken at the first append only, so an
 * empty buffer costs nothing.
 *
 * An append that would pass the maximum adds nothing, returns false and sets
 * `overflowed`, which stays until buf_clear: several appends can be followed by
 * one check. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "lib/base/span.h"

struct buf {
	char *at;   /* NULL while nothing is allocated */
	size_t len; /* bytes in use; at[len] is 0 whenever at is not NULL */
	size_t size;
	size_t maximum;
	bool overflowed;
};

void buf_init(struct buf *buf, size_t maximum);
/* Frees the memory; the buffer is empty and usable again with its maximum. */
void buf_finish(struct buf *buf);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *buf);

bool buf_append(struct buf *buf, const void *bytes, size_t count);
bool buf_append_span(struct buf *buf, struct span text);
bool buf_append_text(struct buf *buf, const char *text);
bool buf_append_byte(struct buf *buf, char byte);
bool buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
bool buf_vprintf(struct buf *buf, const char *format, va_list arguments)
    PRINTF_LIKE(2, 0);

/* Room for `count` more bytes behind the end, or NULL at the maximum; after
 * writing there, buf_grew says how many were used. */
char *buf_reserve(struct buf *buf, size_t count) MUST_USE;
void buf_grew(struct buf *buf, size_t count);

/* Removes `count` bytes from the front (end). */
void buf_consume(struct buf *buf, size_t count);
void buf_shorten(struct buf *buf, size_t count);

static inline struct span
buf_span(const struct buf *buf)
{
	return buf->at == NULL ? SPAN_EMPTY : span_of(buf->at, buf->len);
}

/* NUL-terminated view, valid until the next change. */
static inline const char *
buf_text(const struct buf *buf)
{
	return buf->at == NULL ? "" : buf->at;
}

#endif
