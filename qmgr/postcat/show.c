/* SPDX-License-Identifier: MIT */
#include "qmgr/postcat/show.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/mail/date.h"

enum {
	CHUNK = 2048,
	LINE_MAXIMUM = 65536
};

/* ---- lines ---- */

/* What came from elsewhere does not drive the terminal. */
static void
print_value(const struct show *show, const char *name, struct span value)
{
	struct buf line;

	buf_init(&line, LINE_MAXIMUM);
	text_append_printable(&line, value);
	fprintf(show->out, "%s: %s\n", name, buf_text(&line));
	buf_finish(&line);
}

static void
print_time(const struct show *show, const char *name, int64_t time)
{
	char date[DATE_TEXT_SIZE];

	if (time != 0)
		print_value(
		    show, name, span_text(date_format_mbox(time, date)));
}

static void
print_title(const struct show *show, const char *title, const char *name)
{
	fprintf(show->out, "*** %s %s ***\n", title, name);
}

/* ---- envelope ---- */

static void
print_size(const struct show *show, const struct stored *stored)
{
	fprintf(show->out, "message_size: %llu\nrecipient_count: %u\n",
	    (unsigned long long)stored_size(stored), stored->recipient_count);
}

static void
print_attributes(const struct show *show, const struct stored *stored)
{
	struct span rest = stored->attributes;
	struct span name;
	struct span value;
	char text[80];

	while (stored_next_attribute(&rest, &name, &value)) {
		snprintf(text, sizeof text, "named_attribute: %.*s",
		    SPAN_ARGS(name));
		if (!span_equal(name, SPAN("sender")))
			print_value(show, text, value);
	}
	print_value(show, "sender", stored->attribute[ATTRIBUTE_SENDER]);
}

static void
print_recipient(const struct show *show,
    const struct stored_recipient *recipient,
    const struct stored_reason *reason)
{
	static const char *const labels[] = {
	    [RECIPIENT_TODO] = "recipient",
	    [RECIPIENT_DONE] = "done_recipient",
	    [RECIPIENT_BOUNCED] = "bounced_recipient",
	    [RECIPIENT_CANCELLED] = "cancelled_recipient",
	};

	if (recipient->state != RECIPIENT_TODO && !show->every_recipient)
		return;
	if (recipient->original.len > 0)
		print_value(show, "original_recipient", recipient->original);
	if (recipient->orcpt.len > 0)
		print_value(show, "dsn_orig_rcpt", recipient->orcpt);
	if (recipient->flags != 0)
		fprintf(show->out, "dsn_notify_flags: %u\n", recipient->flags);
	print_value(show, labels[recipient->state], recipient->address);
	if (reason->text.len > 0)
		print_value(show, "reason", reason->text);
}

static bool
print_slice(const struct show *show, struct pool *pool,
    const struct stored *stored, const struct stored_slice *slice,
    struct error *error)
{
	struct stored_reason *reasons =
	    pool_alloc(pool, (slice->count + 1) * sizeof *reasons);

	if (reasons == NULL)
		return error_set(error, ERROR_LIMIT, "no room");
	if (!stored_read_reasons(pool, stored, slice, reasons, error))
		return false;
	for (size_t i = 0; i < slice->count; i++)
		print_recipient(show, &slice->recipients[i], &reasons[i]);
	return true;
}

static bool
print_recipients(
    const struct show *show, const struct stored *stored, struct error *error)
{
	struct stored_cursor cursor = {0};
	struct stored_slice slice = {.count = 1};
	bool good = true;

	while (good && slice.count > 0) {
		struct pool *pool = pool_create(NULL, "slice", POOL_NO_MAXIMUM);

		good = stored_read_recipients(
			   pool, stored, &cursor, &slice, error) &&
		    print_slice(show, pool, stored, &slice, error);
		pool_destroy(pool);
	}
	return good;
}

static bool
print_envelope(const struct show *show, const struct stored *stored,
    const char *name, struct error *error)
{
	print_title(show, "ENVELOPE RECORDS", name);
	print_size(show, stored);
	print_time(show, "message_arrival_time", stored->arrival);
	print_time(show, "last_attempt", stored->last_attempt);
	print_time(show, "next_attempt", stored->next_attempt);
	print_attributes(show, stored);
	return print_recipients(show, stored, error);
}

/* ---- content ---- */

/* Lines end in LF here, as on any terminal. */
static void
print_content(const struct show *show, struct span bytes, bool *held_cr)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (*held_cr && bytes.at[i] != '\n')
			putc('\r', show->out);
		*held_cr = bytes.at[i] == '\r';
		if (!*held_cr)
			putc(bytes.at[i], show->out);
	}
}

static bool
print_part(const struct show *show, const struct stored *stored,
    const struct part *part, struct error *error)
{
	char bytes[CHUNK];
	struct extent range = {0, 0};
	uint64_t length = part->extent.length;
	bool held_cr = false;

	for (; range.offset < length; range.offset += range.length) {
		range.length = length - range.offset;
		if (range.length > sizeof bytes)
			range.length = sizeof bytes;
		if (!stored_read_part(stored, part, range, bytes, error))
			return false;
		print_content(
		    show, span_of(bytes, (size_t)range.length), &held_cr);
	}
	return true;
}

bool
show_message(const struct show *show, const struct stored *stored,
    const char *name, struct error *error)
{
	if (show->envelope && !print_envelope(show, stored, name, error))
		return false;
	if (show->header || show->body)
		print_title(show, "MESSAGE CONTENTS", name);
	if (show->header && !print_part(show, stored, &stored->header, error))
		return false;
	if (show->body && !print_part(show, stored, &stored->body, error))
		return false;
	print_title(show, "MESSAGE FILE END", name);
	return ferror(show->out) == 0 || error_system(error, "standard output");
}
