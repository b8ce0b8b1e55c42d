/* SPDX-License-Identifier: MIT */
#include "qmgr/wire.h"

#include <fcntl.h>

#include "lib/mail/dsn.h"

#include "qmgr/disk.h"

enum {
	CONTENT_PATIENCE = 300, /* seconds for an agent to take it */
	LINE_MAXIMUM = 998      /* RFC 5322 2.1.1 */
};

uint32_t
wire_ret(const struct stored *stored)
{
	enum dsn_return given;

	if (!dsn_parse_return(stored->attribute[ATTRIBUTE_RET], &given))
		return RET_NOT_GIVEN;
	return given == DSN_RETURN_FULL ? RET_FULL : RET_HEADERS;
}

uint32_t
wire_content_flags(const struct part *part)
{
	static const struct {
		uint32_t part;
		uint32_t content;
	} flags[] = {
	    {PART_8BIT, CONTENT_8BIT},
	    {PART_LEADING_DOT, CONTENT_LEADING_DOT},
	    {PART_FINAL_CRLF, CONTENT_FINAL_CRLF},
	};

	uint32_t content =
	    part->longest_line > LINE_MAXIMUM ? CONTENT_LONG_LINE : 0;

	for (size_t i = 0; i < COUNT_OF(flags); i++)
		if ((part->flags & flags[i].part) != 0)
			content |= flags[i].content;
	return content;
}

uint32_t
wire_message_flags(const struct stored *stored)
{
	uint32_t flags = 0;

	if ((stored->flags & QUEUED_SMTPUTF8) != 0)
		flags |= MESSAGE_FLAG_SMTPUTF8;
	if ((stored->flags & QUEUED_NOTICE) != 0)
		flags |= MESSAGE_FLAG_NOTICE;
	if (span_equal(
		stored->attribute[ATTRIBUTE_BODY_TYPE], SPAN("8BITMIME")))
		flags |= MESSAGE_FLAG_8BIT;
	if (span_equal(stored->attribute[ATTRIBUTE_ORIGIN], SPAN("local")))
		flags |= MESSAGE_FLAG_LOCAL;
	return flags;
}

struct wire_content
wire_content(const struct disk_reading *reading)
{
	const struct stored *stored = reading->stored;
	int fd = stored_content_fd(stored);

	if (fd < 0)
		return (struct wire_content){
		    .body_offset = stored->header.extent.length, .fd = -1};
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	must(fd >= 0);
	return (struct wire_content){
	    .header_offset = stored->header.extent.offset,
	    .body_offset = stored->body.extent.offset,
	    .fd = fd,
	};
}

bool
wire_send_content(struct conversation *conversation,
    const struct wire_content *content, const struct disk_reading *reading,
    struct error *error)
{
	return content->fd >= 0 ||
	    conversation_send_content(conversation, reading->content, true,
		loop_deadline(CONTENT_PATIENCE), error);
}

void
wire_list_begin(struct wire_list *list, struct conversation *conversation,
    enum message_type type)
{
	list->conversation = conversation;
	list->type = type;
	/* A list is a text field: its length goes before it. */
	buf_init(&list->list, FRAME_PAYLOAD_MAXIMUM - sizeof(uint32_t));
}

static void
send_list(struct wire_list *list, uint16_t flags)
{
	/* MESSAGE_DELIVER_RECIPIENTS and its like have this one field. */
	struct message_deliver_recipients message = {buf_span(&list->list)};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_deliver_recipients(&payload, &message));
	conversation_send(
	    list->conversation, list->type, flags, buf_span(&payload));
	buf_finish(&payload);
	buf_clear(&list->list);
}

void
wire_list_add(struct wire_list *list, wire_list_put *put, const void *record)
{
	size_t before = list->list.len;

	if (put(&list->list, record))
		return;
	buf_shorten(&list->list, list->list.len - before);
	send_list(list, 0);
	must(put(&list->list, record));
}

void
wire_list_end(struct wire_list *list)
{
	send_list(list, FRAME_LAST);
	buf_finish(&list->list);
}
