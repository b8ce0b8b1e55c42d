/* SPDX-License-Identifier: MIT */
#include "lib/queue/put.h"

#include <errno.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/queue/own_file.h"
#include "lib/queue/put_image.h"
#include "lib/queue/put_private.h"

enum {
	PENDING_MAXIMUM = PUT_FLUSH_SIZE + PUT_APPEND_MAXIMUM + RECORD_MAXIMUM,
	ADDED_MAXIMUM = 16 * 1024 * 1024,
	CANCELLED_MAXIMUM = 16 * 1024 * 1024,
	PUT_CONTENT_END = 5 /* CR LF . CR LF */
};

struct put *
put_create(struct store *store, const struct queue_id *id, int64_t arrival)
{
	struct put *put = memory_zero(sizeof *put);

	put->store = store;
	put->locator = (struct locator){.id = *id, .place = PLACE_INCOMING};
	put->fd = -1;
	put->written = FORMAT_HEAD_SIZE;
	put->head.arrival = arrival;
	put->head.recipients.offset = FORMAT_HEAD_SIZE;
	put->header = SPAN_EMPTY;
	buf_init(&put->pending, PENDING_MAXIMUM);
	buf_init(&put->added, ADDED_MAXIMUM);
	buf_init(&put->attributes, FORMAT_ATTRIBUTES_MAXIMUM);
	buf_init(&put->cancelled, CANCELLED_MAXIMUM);
	return put;
}

static bool
append_early_recipient(struct put *put, const struct stored_recipient *record)
{
	size_t before = put->pending.len;

	must(!put_wants_flush(put));
	if (!record_append_recipient(&put->pending, record))
		return false;
	put->envelope_check = crc32c(
	    put->envelope_check, span_skip(buf_span(&put->pending), before));
	put->head.recipients.length += put->pending.len - before;
	return true;
}

bool
put_recipient(
    struct put *put, const struct stored_recipient *recipient, uint32_t *number)
{
	struct stored_recipient record = *recipient;

	must(put->state <= PUT_BODY);
	record.number = put->head.recipient_count;
	if (record.number == FORMAT_RECIPIENTS_MAXIMUM)
		return false;
	if (put->state == PUT_RECIPIENTS) {
		if (!append_early_recipient(put, &record))
			return false;
	} else {
		if (!record_append_recipient(&put->added, &record))
			return false;
		put->head.added_count++;
	}
	put->head.recipient_count++;
	if (number != NULL)
		*number = record.number;
	return true;
}

static void
begin_body(struct put *put)
{
	put->state = PUT_BODY;
	put->head.body_area.offset = put_position(put);
	put->head.body.extent.offset = put_position(put);
}

bool
put_body(struct put *put, struct span bytes)
{
	must(put->state <= PUT_BODY && !put_wants_flush(put));
	if (bytes.len > PUT_APPEND_MAXIMUM)
		return false;
	if (put->state == PUT_RECIPIENTS)
		begin_body(put);
	put_append(put, bytes, &put->content_check);
	line_scan_add(&put->body_lines, bytes);
	put->head.body.extent.length += bytes.len;
	return true;
}

void
put_end_body(struct put *put)
{
	if (put->state == PUT_RECIPIENTS)
		begin_body(put);
	put_append(put, SPAN(".\r\n"), &put->content_check);
	put->head.body_area.length =
	    put_position(put) - put->head.body_area.offset;
	line_scan_end(&put->body_lines, &put->head.body);
}

void
put_restart_body(struct put *put)
{
	put_end_body(put);
	put->body_lines = (struct line_scan){0};
	put->head.body = (struct part){.extent.offset = put_position(put)};
}

void
put_header(struct put *put, struct span header)
{
	put->header = header;
}

bool
put_named_attribute(struct put *put, struct span name, struct span value)
{
	return record_append_attribute(&put->attributes, name, value);
}

bool
put_attribute(struct put *put, enum attribute attribute, struct span value)
{
	return put_named_attribute(
	    put, span_text(attribute_name(attribute)), value);
}

void
put_flags(struct put *put, uint32_t flags)
{
	put->head.flags = flags;
}

bool
put_cancel_recipient(struct put *put, uint32_t number)
{
	must(number < put->head.recipient_count);
	for (size_t i = put_cancelled_count(put); i > 0; i--)
		if (put_cancelled_number(put, i - 1) == number)
			return true;
	return buf_append(&put->cancelled, &number, sizeof number);
}

void
put_own_file(struct put *put)
{
	put->own_file = true;
}

void
put_hold(struct put *put)
{
	put->hold = true;
}

uint32_t
put_recipient_count(const struct put *put)
{
	return put->head.recipient_count - (uint32_t)put_cancelled_count(put);
}

uint64_t
put_size(const struct put *put)
{
	return put->header.len + put->head.body.extent.length;
}

bool
put_is_small(const struct put *put)
{
	return put->state <= PUT_BODY && put->fd < 0 && !put->hold &&
	    !put->own_file &&
	    put_size(put) + PUT_CONTENT_END <= PUT_SMALL_MAXIMUM &&
	    put_image_size(put) <= PUT_IMAGE_MAXIMUM;
}

bool
put_wants_flush(const struct put *put)
{
	return put->pending.len >= PUT_FLUSH_SIZE;
}

static void
give_up(struct put *put)
{
	own_file_abandon(put);
	put->state = PUT_FAILED;
}

bool
put_flush(struct put *put, struct error *error)
{
	must(put->state <= PUT_BODY);
	if (own_file_write(put, error))
		return true;
	give_up(put);
	return false;
}

bool
put_commit(struct put *put, struct locator *locator, struct error *error)
{
	must(put->state <= PUT_BODY);
	put_end_body(put);
	if (!own_file_commit(put, error)) {
		give_up(put);
		return false;
	}
	put->state = PUT_COMMITTED;
	*locator = put->locator;
	return true;
}

const struct locator *
put_locator(const struct put *put)
{
	must(put->state == PUT_COMMITTED);
	return &put->locator;
}

void
put_close(struct put *put)
{
	if (put == NULL)
		return;
	if (put->state != PUT_COMMITTED)
		give_up(put);
	io_close(&put->fd);
	buf_finish(&put->pending);
	buf_finish(&put->added);
	buf_finish(&put->attributes);
	buf_finish(&put->cancelled);
	free(put);
}

bool
put_error_is_full(const struct error *error)
{
	return error->kind == ERROR_LIMIT ||
	    (error->kind == ERROR_SYSTEM &&
		(error->saved_errno == ENOSPC || error->saved_errno == EDQUOT));
}
