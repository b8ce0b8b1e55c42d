/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/request.h"

#include "lib/base/io.h"
#include "lib/loop/loop.h"

enum {
	POOL_MAXIMUM = 32 << 20,
	CONTENT_MAXIMUM = 1 << 20,
	RECIPIENTS_MAXIMUM = 100000,
	PATIENCE = 300 /* seconds for the next frame */
};

static bool
take_first(struct request *request, struct frame *first)
{
	struct span payload;

	request->fd = first->fd;
	first->fd = -1;
	return pool_copy_span(request->pool, first->payload, &payload) &&
	    message_get_notify(payload, &request->notify) &&
	    request->notify.kind <= NOTICE_SUCCESS;
}

/* Room grows by doubling; what was outgrown stays in the pool. */
static struct compose_recipient *
add_recipient(struct request *request)
{
	struct compose_recipient *grown;

	if (request->count < request->room)
		return &request->recipients[request->count++];
	if (request->room >= RECIPIENTS_MAXIMUM)
		return NULL;
	request->room = request->room == 0 ? 16 : request->room * 2;
	grown = pool_alloc(request->pool, request->room * sizeof *grown);
	if (grown == NULL)
		return NULL;
	if (request->count > 0)
		memcpy(
		    grown, request->recipients, request->count * sizeof *grown);
	request->recipients = grown;
	return &request->recipients[request->count++];
}

static bool
take_recipient(
    struct request *request, const struct message_notify_recipient *record)
{
	struct compose_recipient *recipient = add_recipient(request);

	if (recipient == NULL || record->outcome >= DELIVERY_OUTCOME_COUNT)
		return false;
	*recipient = (struct compose_recipient){
	    .number = record->number,
	    .address = record->address,
	    .original = record->original,
	    .before = record->original_recipient,
	    .outcome = (enum delivery_outcome)record->outcome,
	    .dsn = record->dsn,
	    .text = record->text,
	    .remote = record->remote,
	    .reply = record->reply,
	    .attempted = (int64_t)record->attempted,
	};
	return true;
}

static bool
take_recipients(struct request *request, struct span payload)
{
	struct message_notify_recipients recipients;
	struct message_notify_recipient record;
	struct span kept;

	if (!pool_copy_span(request->pool, payload, &kept) ||
	    !message_get_notify_recipients(kept, &recipients))
		return false;
	while (message_take_notify_recipient(&recipients.list, &record))
		if (!take_recipient(request, &record))
			return false;
	return recipients.list.len == 0;
}

static bool
take_frame(struct request *request, struct frame *frame)
{
	io_close(&frame->fd);
	if (frame->type == MESSAGE_CONTENT)
		return buf_append_span(&request->content, frame->payload);
	return frame->type == MESSAGE_NOTIFY_RECIPIENTS &&
	    take_recipients(request, frame->payload);
}

bool
request_receive(struct request *request, struct conversation *conversation,
    struct frame *first, struct error *error)
{
	struct frame frame;

	*request =
	    (struct request){.pool = pool_create(NULL, "notice", POOL_MAXIMUM)};
	buf_init(&request->content, CONTENT_MAXIMUM);
	if (!take_first(request, first))
		return error_set(error, ERROR_INVALID, "wrong NOTIFY");
	do {
		if (!conversation_receive(
			conversation, loop_deadline(PATIENCE), &frame, error))
			return false;
		if (!take_frame(request, &frame))
			return error_set(error, ERROR_INVALID, "wrong %s",
			    message_name(frame.type));
	} while (frame.type != MESSAGE_NOTIFY_RECIPIENTS ||
	    (frame.flags & FRAME_LAST) == 0);
	return true;
}

void
request_finish(struct request *request)
{
	io_close(&request->fd);
	buf_finish(&request->content);
	pool_destroy(request->pool);
}

static bool
read_at(const struct request *request, uint64_t offset, char *bytes,
    size_t count, struct error *error)
{
	if (request->fd >= 0)
		return io_pread(
		    request->fd, bytes, count, (off_t)offset, error);
	if (offset > request->content.len ||
	    count > request->content.len - offset)
		return error_set(error, ERROR_INVALID, "content is missing");
	memcpy(bytes, request->content.at + offset, count);
	return true;
}

bool
request_read_header(const struct request *request, uint64_t offset, char *bytes,
    size_t count, struct error *error)
{
	return read_at(request, request->notify.header_offset + offset, bytes,
	    count, error);
}

bool
request_read_body(const struct request *request, uint64_t offset, char *bytes,
    size_t count, struct error *error)
{
	return read_at(
	    request, request->notify.body_offset + offset, bytes, count, error);
}
