/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"

#include "lib/base/memory.h"

enum {
	SMALLEST_SIZE = 64
};

void
buf_init(struct buf *buf, size_t maximum)
{
	*buf = (struct buf){.maximum = maximum};
}

void
buf_finish(struct buf *buf)
{
	free(buf->at);
	buf_init(buf, buf->maximum);
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->overflowed = false;
	if (buf->at != NULL)
		buf->at[0] = '\0';
}

static size_t
next_size(const struct buf *buf, size_t needed)
{
	size_t size = buf->size < SMALLEST_SIZE ? SMALLEST_SIZE : buf->size;

	while (size < needed)
		size *= 2;
	return size > buf->maximum ? buf->maximum : size;
}

char *
buf_reserve(struct buf *buf, size_t count)
{
	if (count > buf->maximum || buf->len > buf->maximum - count) {
		buf->overflowed = true;
		return NULL;
	}
	if (buf->at == NULL || buf->len + count > buf->size) {
		size_t size = next_size(buf, buf->len + count);

		buf->at = memory_resize(buf->at, size + 1);
		buf->size = size;
		buf->at[buf->len] = '\0';
	}
	return buf->at + buf->len;
}

void
buf_grew(struct buf *buf, size_t count)
{
	must(count <= buf->size - buf->len);
	buf->len += count;
	buf->at[buf->len] = '\0';
}

bool
buf_append(struct buf *buf, const void *bytes, size_t count)
{
	char *end = buf_reserve(buf, count);

	if (end == NULL)
		return false;
	if (count > 0)
		memcpy(end, bytes, count);
	buf_grew(buf, count);
	return true;
}

bool
buf_append_span(struct buf *buf, struct span text)
{
	return buf_append(buf, text.at, text.len);
}

bool
buf_append_text(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

bool
buf_append_byte(struct buf *buf, char byte)
{
	return buf_append(buf, &byte, 1);
}

bool
buf_vprintf(struct buf *buf, const char *format, va_list arguments)
{
	va_list again;
	int count;
	char *end;

	va_copy(again, arguments);
	count = vsnprintf(NULL, 0, format, again);
	va_end(again);
	must(count >= 0);
	end = buf_reserve(buf, (size_t)count);
	if (end == NULL)
		return false;
	/* Every allocation has one byte behind `size` for the NUL. */
	vsnprintf(end, (size_t)count + 1, format, arguments);
	buf_grew(buf, (size_t)count);
	return true;
}

bool
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments;
	bool fits;

	va_start(arguments, format);
	fits = buf_vprintf(buf, format, arguments);
	va_end(arguments);
	return fits;
}

void
buf_consume(struct buf *buf, size_t count)
{
	must(count <= buf->len);
	if (count == 0)
		return;
	buf->len -= count;
	memmove(buf->at, buf->at + count, buf->len + 1);
}

void
buf_shorten(struct buf *buf, size_t count)
{
	must(count <= buf->len);
	if (count == 0)
		return;
	buf->len -= count;
	buf->at[buf->len] = '\0';
}
