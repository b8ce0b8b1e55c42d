/* SPDX-License-Identifier: MIT */
#include "qmgr/postcat/show.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/mail/date.h"

enum {
	LINE_MAXIMUM = 65536
};

/* ---- lines ---- */

static void
begin_line(const struct show *show, uint64_t offset)
{
	if (show->offsets)
		fprintf(show->out, "%9llu ", (unsigned long long)offset);
}

/* What came from elsewhere does not drive the terminal. */
static void
print_value(const struct show *show, uint64_t offset, const char *name,
    struct span value)
{
	struct buf line;

	buf_init(&line, LINE_MAXIMUM);
	text_append_printable(&line, value);
	begin_line(show, offset);
	fprintf(show->out, "%s: %s\n", name, buf_text(&line));
	buf_finish(&line);
}

static void
print_number(
    const struct show *show, uint64_t offset, const char *name, uint64_t number)
{
	begin_line(show, offset);
	fprintf(show->out, "%s: %llu\n", name, (unsigned long long)number);
}

static void
print_time(
    const struct show *show, uint64_t offset, const char *name, int64_t time)
{
	char date[DATE_TEXT_SIZE];

	if (show->numeric)
		print_number(show, offset, name, (uint64_t)time);
	else
		print_value(show, offset, name,
		    span_text(date_format_mbox(time, date)));
}

static void
print_title(const struct show *show, const char *title, const char *name)
{
	fprintf(show->out, "*** %s %s ***\n", title, name);
}

/* ---- envelope ---- */

static void
show_extent(const struct show *show, const char *name, struct extent extent)
{
	fprintf(show->out, "%s: %llu bytes at %llu\n", name,
	    (unsigned long long)extent.length,
	    (unsigned long long)extent.offset);
}

static void
show_head(void *owner, const struct format_head *head)
{
	struct show *show = owner;

	print_number(show, 0, "message_size",
	    head->header.extent.length + head->body.extent.length);
	print_number(show, 0, "recipient_count", head->recipient_count);
	print_time(show, 0, "message_arrival_time", head->arrival);
	if (!show->all)
		return;
	print_number(show, 0, "message_flags", head->flags);
	show_extent(show, "header", head->header.extent);
	show_extent(show, "body", head->body.extent);
	show_extent(show, "recipients", head->recipients);
	show_extent(show, "added_recipients", head->added);
	show_extent(show, "attributes", head->attributes);
	show_extent(show, "states", head->states);
	print_number(show, head->length, "journal_offset", head->length);
}

static void
show_attribute(
    void *owner, uint64_t offset, struct span name, struct span value)
{
	struct show *show = owner;
	char text[80];

	snprintf(text, sizeof text, "named_attribute: %.*s", SPAN_ARGS(name));
	print_value(show, offset,
	    span_equal(name, SPAN("sender")) ? "sender" : text, value);
}

static void
show_recipient(
    void *owner, uint64_t offset, const struct stored_recipient *recipient)
{
	static const char *const labels[] = {
	    [RECIPIENT_TODO] = "recipient",
	    [RECIPIENT_DONE] = "done_recipient",
	    [RECIPIENT_BOUNCED] = "bounced_recipient",
	    [RECIPIENT_CANCELLED] = "cancelled_recipient",
	};
	struct show *show = owner;
	char label[80];

	if (recipient->state == RECIPIENT_TODO)
		show->outstanding++;
	else if (!show->all)
		return;
	if (recipient->original.len > 0)
		print_value(
		    show, offset, "original_recipient", recipient->original);
	if (recipient->orcpt.len > 0)
		print_value(show, offset, "dsn_orig_rcpt", recipient->orcpt);
	if (recipient->flags != 0)
		print_number(
		    show, offset, "dsn_notify_flags", recipient->flags);
	if (show->numeric)
		snprintf(label, sizeof label, "recipient %u state %d",
		    recipient->number, (int)recipient->state);
	else
		snprintf(label, sizeof label, "%s", labels[recipient->state]);
	print_value(show, offset, label, recipient->address);
}

static void
show_reason(const struct show *show, uint64_t offset,
    const struct stored_reason *reason)
{
	static const char *const successes[] = {
	    [SUCCESS_DELIVERED] = "delivered",
	    [SUCCESS_RELAYED] = "relayed",
	    [SUCCESS_EXPANDED] = "expanded",
	};
	char label[80];

	snprintf(
	    label, sizeof label, "reason of recipient %u", reason->recipient);
	print_value(show, offset, label, reason->text);
	if (reason->success != SUCCESS_NONE)
		print_value(show, offset, "sender_to_be_told",
		    span_text(successes[reason->success]));
	if (!show->all)
		return;
	print_value(show, offset, "status", reason->status);
	if (reason->remote.len > 0)
		print_value(show, offset, "remote_mta", reason->remote);
	if (reason->diagnostic.len > 0)
		print_value(show, offset, "diagnostic", reason->diagnostic);
}

static void
show_journal(void *owner, uint64_t offset, const struct journal_entry *entry)
{
	static const char *const labels[] = {
	    [JOURNAL_ATTEMPT] = "attempt",
	    [JOURNAL_WARNED] = "sender_warned",
	    [JOURNAL_EXPIRE] = "told_to_expire",
	    [JOURNAL_REQUEUE] = "told_to_requeue",
	};
	struct show *show = owner;

	if (show->numeric)
		print_number(
		    show, offset, "journal_type", (uint64_t)entry->type);
	if (entry->type == JOURNAL_REASON) {
		show_reason(show, offset, &entry->reason);
		return;
	}
	if (entry->type == JOURNAL_SUCCESSOR) {
		print_value(show, offset, "successor",
		    span_text(entry->successor.text));
		return;
	}
	must(entry->type < COUNT_OF(labels));
	print_time(show, offset, labels[entry->type], entry->time);
	if (entry->type == JOURNAL_ATTEMPT)
		print_time(show, offset, "next_attempt", entry->next);
}

static void
show_damage(void *owner, uint64_t offset, uint64_t length, const char *what)
{
	struct show *show = owner;

	show->damages++;
	fprintf(show->out, "*** DAMAGED at %llu, %llu bytes: %s ***\n",
	    (unsigned long long)offset, (unsigned long long)length, what);
}

/* ---- content ---- */

static void
put_byte(struct show *show, char byte)
{
	if (!show->in_line)
		begin_line(show, show->offset);
	show->in_line = byte != '\n';
	putc(byte, show->out);
}

/* Lines end in LF here, as on any terminal. */
static void
show_content(
    void *owner, enum dissect_part part, uint64_t offset, struct span bytes)
{
	struct show *show = owner;

	for (size_t i = 0; i < bytes.len; i++) {
		char byte = bytes.at[i];

		if (!show->in_line && !show->held_cr)
			show->offset = offset + i;
		if (show->held_cr && byte != '\n')
			put_byte(show, '\r');
		show->held_cr = byte == '\r';
		if (part == DISSECT_UNKNOWN && byte != '\n' &&
		    !text_is_printable(byte))
			byte = '?';
		if (!show->held_cr)
			put_byte(show, byte);
	}
}

static const struct dissect_events events = {
    .head = show_head,
    .recipient = show_recipient,
    .attribute = show_attribute,
    .journal = show_journal,
    .content = show_content,
    .damage = show_damage,
};

static bool
show_part(struct show *show, const struct source *source,
    enum dissect_part part, struct error *error)
{
	bool good = dissect_content(source, part, &events, show, error);

	show->held_cr = false;
	return good;
}

bool
show_message(struct show *show, const struct source *source, const char *name,
    struct error *error)
{
	show->damages = 0;
	show->in_line = show->held_cr = false;
	if (show->envelope) {
		print_title(show, "ENVELOPE RECORDS", name);
		if (!dissect_envelope(source, &events, show, error))
			return false;
	}
	if (show->header || show->body)
		print_title(show, "MESSAGE CONTENTS", name);
	if ((show->header && !show_part(show, source, DISSECT_HEADER, error)) ||
	    (show->body && !show_part(show, source, DISSECT_BODY, error)) ||
	    ((show->header || show->body) &&
		!show_part(show, source, DISSECT_UNKNOWN, error)))
		return false;
	if (show->in_line)
		putc('\n', show->out);
	print_title(show, "MESSAGE FILE END", name);
	return ferror(show->out) == 0 || error_system(error, "standard output");
}
