/* SPDX-License-Identifier: MIT */
#include "lib/mail/reply.h"

#include "lib/base/number.h"
#include "lib/base/text.h"

/* RFC 5321 4.5.3.1.5, with code, status and CRLF. */
enum {
	WIRE_LINE_MAXIMUM = 512
};

/* RFC 3463 section 3 and the additions of its registry that mail servers use.
 */
static const struct {
	uint16_t subject;
	uint16_t detail;
	const char *meaning;
} meanings[] = {
    {0, 0, "other undefined status"},
    {1, 0, "other address status"},
    {1, 1, "bad destination mailbox address"},
    {1, 2, "bad destination system address"},
    {1, 3, "bad destination mailbox address syntax"},
    {1, 4, "destination mailbox address ambiguous"},
    {1, 5, "destination mailbox address valid"},
    {1, 6, "mailbox has moved"},
    {1, 7, "bad sender's mailbox address syntax"},
    {1, 8, "bad sender's system address"},
    {1, 10, "recipient address has null MX"},
    {2, 0, "other or undefined mailbox status"},
    {2, 1, "mailbox disabled, not accepting messages"},
    {2, 2, "mailbox full"},
    {2, 3, "message length exceeds administrative limit"},
    {2, 4, "mailing list expansion problem"},
    {3, 0, "other or undefined mail system status"},
    {3, 1, "mail system full"},
    {3, 2, "system not accepting network messages"},
    {3, 3, "system not capable of selected features"},
    {3, 4, "message too big for system"},
    {3, 5, "system incorrectly configured"},
    {4, 0, "other or undefined network or routing status"},
    {4, 1, "no answer from host"},
    {4, 2, "bad connection"},
    {4, 3, "directory server failure"},
    {4, 4, "unable to route"},
    {4, 5, "mail system congestion"},
    {4, 6, "routing loop detected"},
    {4, 7, "delivery time expired"},
    {5, 0, "other or undefined protocol status"},
    {5, 1, "invalid command"},
    {5, 2, "syntax error"},
    {5, 3, "too many recipients"},
    {5, 4, "invalid command arguments"},
    {5, 5, "wrong protocol version"},
    {6, 0, "other or undefined media error"},
    {6, 1, "media not supported"},
    {6, 2, "conversion required and prohibited"},
    {6, 3, "conversion required but not supported"},
    {6, 4, "conversion with loss performed"},
    {6, 5, "conversion failed"},
    {6, 7, "non-ASCII addresses not permitted"},
    {7, 0, "other or undefined security status"},
    {7, 1, "delivery not authorized, message refused"},
    {7, 2, "mailing list expansion prohibited"},
    {7, 3, "security conversion required but not possible"},
    {7, 4, "security features not supported"},
    {7, 5, "cryptographic failure"},
    {7, 6, "cryptographic algorithm not supported"},
    {7, 7, "message integrity failure"},
    {7, 8, "authentication credentials invalid"},
};

void
reply_set(struct reply *reply, uint16_t code, const char *status,
    const char *format, ...)
{
	struct span text = span_text(status);
	va_list arguments;

	*reply = (struct reply){.code = code};
	if (status != NULL)
		must(reply_parse_status(&text, &reply->status));
	va_start(arguments, format);
	vsnprintf(reply->text, sizeof reply->text, format, arguments);
	va_end(arguments);
}

/* Takes a number of up to three digits. */
static bool
take_number(struct span *text, uint16_t *number)
{
	uint64_t value;
	size_t len = 0;

	while (len < text->len && len < 4 && text_is_digit(text->at[len]))
		len++;
	if (!number_parse(span_head(*text, len), 999, &value))
		return false;
	*number = (uint16_t)value;
	*text = span_skip(*text, len);
	return true;
}

static bool
take_dot(struct span *text)
{
	if (!span_starts(*text, SPAN(".")))
		return false;
	*text = span_skip(*text, 1);
	return true;
}

bool
reply_parse_status(struct span *text, struct reply_status *status)
{
	struct span rest = *text;
	struct reply_status found;

	if (!take_number(&rest, &found.class) || !take_dot(&rest) ||
	    !take_number(&rest, &found.subject) || !take_dot(&rest) ||
	    !take_number(&rest, &found.detail))
		return false;
	if (found.class != 2 && found.class != 4 && found.class != 5)
		return false;
	if (rest.len > 0 && !text_is_blank(rest.at[0]))
		return false;
	while (rest.len > 0 && text_is_blank(rest.at[0]))
		rest = span_skip(rest, 1);
	*text = rest;
	*status = found;
	return true;
}

const char *
reply_format_status(struct reply_status status, char *text)
{
	snprintf(text, REPLY_STATUS_SIZE, "%u.%u.%u", status.class % 10u,
	    status.subject % 1000u, status.detail % 1000u);
	return text;
}

const char *
reply_status_meaning(struct reply_status status)
{
	for (size_t i = 0; i < COUNT_OF(meanings); i++)
		if (meanings[i].subject == status.subject &&
		    meanings[i].detail == status.detail)
			return meanings[i].meaning;
	return meanings[0].meaning;
}

/* The longest front of `line` that fits into `room` bytes and does not end
 * inside a UTF-8 sequence. */
static struct span
cut_line(struct span line, size_t room)
{
	size_t len = line.len < room ? line.len : room;

	while (len < line.len && len > 1 &&
	    ((unsigned char)line.at[len] & 0xc0) == 0x80)
		len--;
	return span_head(line, len);
}

static bool
append_wire_line(
    struct buf *out, const struct reply *reply, struct span line, bool is_last)
{
	struct reply_status own;
	struct span rest = line;
	char status[REPLY_STATUS_SIZE];

	buf_printf(out, "%03u%c", reply->code % 1000u, is_last ? ' ' : '-');
	if (reply->status.class != 0 && !reply_parse_status(&rest, &own))
		buf_printf(
		    out, "%s ", reply_format_status(reply->status, status));
	text_append_printable(out, line);
	return buf_append_text(out, "\r\n");
}

bool
reply_append(struct buf *out, const struct reply *reply)
{
	size_t room = WIRE_LINE_MAXIMUM - REPLY_STATUS_SIZE - sizeof "250 \r\n";
	struct span rest = span_text(reply->text);
	struct span line;
	bool more = true;

	while (more) {
		more = span_split(rest, '\n', &line, &rest);
		while (line.len > room) {
			struct span front = cut_line(line, room);

			append_wire_line(out, reply, front, false);
			line = span_skip(line, front.len);
		}
		append_wire_line(out, reply, line, !more);
	}
	return !out->overflowed;
}

bool
reply_append_line(struct buf *out, const struct reply *reply)
{
	struct span rest = span_text(reply->text);
	char status[REPLY_STATUS_SIZE];
	struct span line;

	buf_printf(out, "%03u", reply->code % 1000u);
	if (reply->status.class != 0)
		buf_printf(
		    out, " %s", reply_format_status(reply->status, status));
	while (span_take_word(&rest, "\n", &line)) {
		buf_append_byte(out, ' ');
		text_append_printable(out, line);
	}
	return !out->overflowed;
}
