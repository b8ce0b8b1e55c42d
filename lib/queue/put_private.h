/* SPDX-License-Identifier: MIT */
/* A put from within: built by put.c, brought to disk by own_file.c or
 * segment_writer.c. Private to
 * lib/queue. */
#ifndef QUEUE_PUT_PRIVATE_H
#define QUEUE_PUT_PRIVATE_H

#include "lib/base/crc32c.h"
#include "lib/queue/line_scan.h"
#include "lib/queue/put.h"

enum put_state {
	PUT_RECIPIENTS, /* no body yet */
	PUT_BODY,
	PUT_FAILED,
	PUT_COMMITTED
};

struct put {
	struct store *store;
	struct locator locator;
	enum put_state state;
	bool hold;
	bool own_file;
	int fd;             /* -1 until something was written */
	struct buf pending; /* to be written at offset `written` */
	uint64_t written;   /* starts behind the head */
	struct buf added;   /* recipients that came after the body */
	struct buf attributes;
	struct buf cancelled; /* numbers, uint32_t each */
	struct span header;   /* borrowed */
	struct line_scan body_lines;
	uint32_t envelope_check;
	uint32_t content_check;
	struct format_head head;
};

enum {
	/* What fits into the memory of a put together with the head. */
	PUT_IMAGE_MAXIMUM = PUT_FLUSH_SIZE + PUT_APPEND_MAXIMUM
};

/* Offset in the file of the next byte. */
static inline uint64_t
put_position(const struct put *put)
{
	return put->written + put->pending.len;
}

/* There is room: a put that wants a flush has got it. */
static inline void
put_append(struct put *put, struct span bytes, uint32_t *check)
{
	must(buf_append_span(&put->pending, bytes));
	*check = crc32c(*check, bytes);
}

static inline size_t
put_cancelled_count(const struct put *put)
{
	return put->cancelled.len / sizeof(uint32_t);
}

/* The end of the body has come: put_image_finish is next. put.c has it. */
void put_end_body(struct put *put);

/* The recipient number of cancellation `i`. */
static inline uint32_t
put_cancelled_number(const struct put *put, size_t i)
{
	uint32_t number;

	memcpy(&number, put->cancelled.at + i * sizeof number, sizeof number);
	return number;
}

#endif
