/* SPDX-License-Identifier: MIT */
#include "qmgr/postqueue/format.h"

#include "lib/base/clock.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/mail/date.h"

enum {
	REASON_COLUMN = 76,
	DATE_WIDTH = 19,
	KILOBYTE = 1024
};

static const char table_header[] =
    "----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------\n";

void
format_init(struct format *format)
{
	*format = (struct format){.messages = 0};
	buf_init(&format->out, 4 * FORMAT_MAXIMUM);
	buf_init(&format->reason, DECODER_TEXT_MAXIMUM);
}

void
format_finish(struct format *format)
{
	buf_finish(&format->out);
	buf_finish(&format->reason);
}

/* 0 for what is no number. */
static uint64_t
number_of(struct span text)
{
	uint64_t number;

	return number_parse(text, INT64_MAX / CLOCK_SECOND, &number) ? number
								     : 0;
}

/* ---- the table ---- */

static char
mark_of(const struct decoded_message *message)
{
	if (span_equal(message->queue_name, SPAN("active")))
		return '*';
	if (span_equal(message->queue_name, SPAN("hold")))
		return '!';
	return span_equal(message->forced_expire, SPAN("1")) ? '#' : ' ';
}

static void
table_message(void *owner, const struct decoded_message *message)
{
	struct format *format = owner;
	uint64_t size = number_of(message->size);
	char date[DATE_TEXT_SIZE];
	char id[64];
	int len = snprintf(id, sizeof id, "%.*s%c",
	    SPAN_ARGS(span_head(message->queue_id, sizeof id - 2)),
	    mark_of(message));

	if (id[len - 1] == ' ')
		id[len - 1] = '\0';
	buf_append_text(
	    &format->out, format->messages == 0 ? table_header : "\n");
	buf_printf(&format->out, "%-17s %8llu %.*s ", id,
	    (unsigned long long)size, DATE_WIDTH,
	    date_format_mbox(
		(int64_t)number_of(message->time) * CLOCK_SECOND, date));
	text_append_printable(&format->out, message->sender);
	buf_append_byte(&format->out, '\n');
	buf_clear(&format->reason);
	format->messages++;
	format->bytes += size;
}

/* A reason is shown when it is not that of the recipient before. */
static void
append_reason(struct format *format, struct span reason)
{
	int padding;

	if (span_equal(buf_span(&format->reason), reason))
		return;
	buf_clear(&format->reason);
	buf_append_span(&format->reason, reason);
	if (reason.len == 0)
		reason = SPAN("reason unavailable");
	padding =
	    reason.len < REASON_COLUMN ? REASON_COLUMN - (int)reason.len : 0;
	buf_printf(&format->out, "%*s(", padding, "");
	text_append_printable(&format->out, reason);
	buf_append_text(&format->out, ")\n");
}

static void
table_recipient(void *owner, const struct decoded_recipient *recipient)
{
	struct format *format = owner;

	append_reason(format, recipient->reason);
	buf_printf(&format->out, "%-17s %8s %*s ", "", "", DATE_WIDTH, "");
	text_append_printable(&format->out, recipient->address);
	buf_append_byte(&format->out, '\n');
}

static void
table_message_end(void *owner UNUSED)
{
}

const struct decoder_events format_table = {
    .message = table_message,
    .recipient = table_recipient,
    .message_end = table_message_end,
};

void
format_table_end(struct format *format)
{
	if (format->messages == 0) {
		buf_append_text(&format->out, "Mail queue is empty\n");
		return;
	}
	buf_printf(&format->out, "\n-- %llu Kbytes in %llu Request%s.\n",
	    (unsigned long long)(format->bytes / KILOBYTE),
	    (unsigned long long)format->messages,
	    format->messages == 1 ? "" : "s");
}

/* ---- JSON ---- */

static void
append_escaped(struct buf *out, char byte)
{
	static const struct {
		char byte;
		const char *escape;
	} escapes[] = {
	    {'"', "\\\""},
	    {'\\', "\\\\"},
	    {'\b', "\\b"},
	    {'\f', "\\f"},
	    {'\n', "\\n"},
	    {'\r', "\\r"},
	    {'\t', "\\t"},
	};

	for (size_t i = 0; i < COUNT_OF(escapes); i++)
		if (escapes[i].byte == byte) {
			buf_append_text(out, escapes[i].escape);
			return;
		}
	if ((unsigned char)byte < ' ' || byte == 0x7f)
		buf_printf(out, "\\u%04X", (unsigned char)byte);
	else
		buf_append_byte(out, byte);
}

/* Text that is no UTF-8 loses what is above ASCII. */
static void
append_string(struct buf *out, struct span text)
{
	bool is_utf8 = text_is_utf8(text);

	buf_append_byte(out, '"');
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] > 0x7f && !is_utf8)
			buf_append_byte(out, '?');
		else
			append_escaped(out, text.at[i]);
	buf_append_byte(out, '"');
}

static void
append_member(struct buf *out, const char *name, struct span text)
{
	buf_printf(out, "\"%s\": ", name);
	append_string(out, text);
}

static void
json_message(void *owner, const struct decoded_message *message)
{
	struct format *format = owner;
	struct buf *out = &format->out;

	buf_append_text(out, "{");
	append_member(out, "queue_name", message->queue_name);
	buf_append_text(out, ", ");
	append_member(out, "queue_id", message->queue_id);
	buf_printf(out,
	    ", \"arrival_time\": %llu, \"message_size\": %llu, "
	    "\"forced_expire\": %s, ",
	    (unsigned long long)number_of(message->time),
	    (unsigned long long)number_of(message->size),
	    span_equal(message->forced_expire, SPAN("1")) ? "true" : "false");
	append_member(out, "sender", message->sender);
	buf_append_text(out, ", \"recipients\": [");
	format->recipients = 0;
	format->messages++;
}

static void
json_recipient(void *owner, const struct decoded_recipient *recipient)
{
	struct format *format = owner;
	struct buf *out = &format->out;
	const char *name = "other_reason";

	if (span_equal(recipient->log_class, SPAN("defer")))
		name = "delay_reason";
	else if (span_equal(recipient->log_class, SPAN("bounce")))
		name = "bounce_reason";
	buf_append_text(out, format->recipients++ > 0 ? ", {" : "{");
	append_member(out, "orig_address", recipient->original);
	buf_append_text(out, ", ");
	append_member(out, "address", recipient->address);
	if (recipient->reason.len > 0) {
		buf_append_text(out, ", ");
		append_member(out, name, recipient->reason);
	}
	buf_append_byte(out, '}');
}

static void
json_message_end(void *owner)
{
	struct format *format = owner;

	buf_append_text(&format->out, "]}\n");
}

const struct decoder_events format_json = {
    .message = json_message,
    .recipient = json_recipient,
    .message_end = json_message_end,
};
