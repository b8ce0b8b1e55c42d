/* SPDX-License-Identifier: MIT */
#include "qmgr/delivery.h"

#include <fcntl.h>

#include "lib/base/clock.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/mail/delay.h"
#include "lib/mail/dsn.h"

#include "qmgr/disk.h"

enum {
	CONTENT_PATIENCE = 300, /* seconds for an agent to take it */
	LINE_MAXIMUM = 998      /* RFC 5322 2.1.1 */
};

uint32_t
delivery_ret(const struct stored *stored)
{
	enum dsn_return given;

	if (!dsn_parse_return(stored->attribute[ATTRIBUTE_RET], &given))
		return RET_NOT_GIVEN;
	return given == DSN_RETURN_FULL ? RET_FULL : RET_HEADERS;
}

uint32_t
delivery_content_flags(const struct part *part)
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
delivery_message_flags(const struct stored *stored)
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

struct delivery_content
delivery_content(const struct disk_reading *reading)
{
	const struct stored *stored = reading->stored;
	int fd = stored_content_fd(stored);

	if (fd < 0)
		return (struct delivery_content){
		    .body_offset = stored->header.extent.length, .fd = -1};
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	must(fd >= 0);
	return (struct delivery_content){
	    .header_offset = stored->header.extent.offset,
	    .body_offset = stored->body.extent.offset,
	    .fd = fd,
	};
}

bool
delivery_send_content(struct conversation *conversation,
    const struct delivery_content *content, const struct disk_reading *reading,
    struct error *error)
{
	return content->fd >= 0 ||
	    conversation_send_content(conversation, reading->content, true,
		loop_deadline(CONTENT_PATIENCE), error);
}

void
delivery_list_begin(struct delivery_list *list,
    struct conversation *conversation, enum message_type type)
{
	list->conversation = conversation;
	list->type = type;
	/* A list is a text field: its length goes before it. */
	buf_init(&list->list, FRAME_PAYLOAD_MAXIMUM - sizeof(uint32_t));
}

static void
send_list(struct delivery_list *list, uint16_t flags)
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
delivery_list_add(
    struct delivery_list *list, delivery_list_put *put, const void *record)
{
	size_t before = list->list.len;

	if (put(&list->list, record))
		return;
	buf_shorten(&list->list, list->list.len - before);
	send_list(list, 0);
	must(put(&list->list, record));
}

void
delivery_list_end(struct delivery_list *list)
{
	send_list(list, FRAME_LAST);
	buf_finish(&list->list);
}

void
delivery_log(const struct message *message, const struct result *result)
{
	static const char *const words[] = {
	    [DELIVERY_SENT] = "sent",
	    [DELIVERY_DEFERRED] = "deferred",
	    [DELIVERY_BOUNCED] = "bounced",
	    [DELIVERY_EXPANDED] = "expanded",
	    [DELIVERY_RELAYED] = "sent",
	};
	struct log_context context = {.queue_id = message_id(message)};
	int64_t now = clock_wall();
	struct delay_times times = {
	    .arrived = message->arrival,
	    .activated = message->activated,
	    .started = now,
	    .connected = now,
	    .ended = now,
	};
	unsigned digits =
	    (unsigned)service_common()->delay_logging_resolution_limit;
	char total[DELAY_TEXT_SIZE];
	char parts[DELAY_TEXT_SIZE];

	log_event(&context, LOG_DELIVERY,
	    log_text("to", result->recipient->address),
	    log_text("relay", SPAN("none")),
	    log_text(
		"delay", span_text(delay_format_total(&times, digits, total))),
	    log_text(
		"delays", span_text(delay_format_parts(&times, digits, parts))),
	    log_text("dsn", result->dsn),
	    log_text("status", span_text(words[result->outcome])),
	    log_text("text", result->text));
}
