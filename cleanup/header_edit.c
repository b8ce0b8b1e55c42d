/* SPDX-License-Identifier: MIT */
#include "cleanup/header_edit.h"

#include "lib/base/text.h"
#include "lib/mail/address_list.h"
#include "lib/mail/date.h"
#include "lib/mail/header.h"
#include "lib/mail/message_id.h"

enum {
	LINE_START_MAXIMUM = 1024, /* a field's name ends within it */
	ADDED_MAXIMUM = 16384      /* bytes of what is added */
};

enum header_seen {
	SEEN_FROM = 1,
	SEEN_DATE = 2,
	SEEN_MESSAGE_ID = 4,
	SEEN_RECIPIENT = 8, /* To or Cc, resent or not */
	SEEN_RECEIVED = 16,
	SEEN_RESENT = 32, /* any field of that kind */
	SEEN_RESENT_FROM = 64,
	SEEN_RESENT_DATE = 128,
	SEEN_RESENT_MESSAGE_ID = 256
};

enum action {
	ACTION_KEEP,
	ACTION_CUT_LINE, /* the rest of the line goes, its end stays */
	ACTION_DROP
};

static const struct {
	const char *name;
	unsigned seen;
} known_fields[] = {
    {"Received", SEEN_RECEIVED},
    {"From", SEEN_FROM},
    {"Date", SEEN_DATE},
    {"Message-ID", SEEN_MESSAGE_ID},
    {"To", SEEN_RECIPIENT},
    {"Cc", SEEN_RECIPIENT},
    {"Resent-From", SEEN_RESENT | SEEN_RESENT_FROM},
    {"Resent-Date", SEEN_RESENT | SEEN_RESENT_DATE},
    {"Resent-Message-ID", SEEN_RESENT | SEEN_RESENT_MESSAGE_ID},
    {"Resent-To", SEEN_RESENT | SEEN_RECIPIENT},
    {"Resent-Cc", SEEN_RESENT | SEEN_RECIPIENT},
    {"Resent-Bcc", SEEN_RESENT},
    {"Resent-Sender", SEEN_RESENT},
    {"Resent-Reply-To", SEEN_RESENT},
};

void
header_edit_init(
    struct header_edit *edit, const struct header_edit_settings *settings)
{
	*edit = (struct header_edit){.settings = *settings};
	buf_init(&edit->block, settings->block_maximum + ADDED_MAXIMUM);
	buf_init(&edit->line, LINE_START_MAXIMUM);
}

void
header_edit_finish(struct header_edit *edit)
{
	buf_finish(&edit->block);
	buf_finish(&edit->line);
}

static void
note_field(struct header_edit *edit, struct span name)
{
	for (size_t i = 0; i < COUNT_OF(known_fields); i++)
		if (span_equal_fold(name, span_text(known_fields[i].name))) {
			edit->seen |= known_fields[i].seen;
			if (known_fields[i].seen == SEEN_RECEIVED)
				edit->hops++;
			return;
		}
}

static bool
is_unwanted(const struct header_edit *edit, struct span name)
{
	struct span rest = edit->settings.drop;
	struct span word;

	while (span_take_word(&rest, ", \t\r\n", &word))
		if (span_equal_fold(name, word))
			return true;
	return false;
}

static void
begin_field(struct header_edit *edit, struct span name)
{
	edit->has_field = true;
	edit->field_len = 0;
	edit->action = is_unwanted(edit, name) ? ACTION_DROP : ACTION_KEEP;
	note_field(edit, name);
}

/* Before a further line of a field: half of one would be worse than none. */
static void
stop_at_maximum(struct header_edit *edit)
{
	if (edit->action != ACTION_KEEP ||
	    edit->field_len < edit->settings.field_maximum)
		return;
	edit->action = ACTION_DROP;
	edit->was_cut = true;
}

/* Decides what becomes of the line that starts with `start`. A line that is
 * neither a field nor part of one ends what readers take for the header. */
static void
begin_line(struct header_edit *edit, struct span start)
{
	bool continues = edit->has_field && text_is_blank(start.at[0]);
	struct header_field field;

	edit->in_line = true;
	if (!edit->in_text && continues) {
		stop_at_maximum(edit);
		return;
	}
	edit->field_start = edit->block.len;
	if (edit->in_text)
		return;
	if (header_next(&start, &field) && field.name.len > 0) {
		begin_field(edit, field.name);
		return;
	}
	edit->in_text = true;
	edit->insert_at = edit->block.len;
	edit->action = ACTION_KEEP;
}

static void
spill(struct header_edit *edit, struct span bytes)
{
	if (bytes.len > 0 && !edit->failed)
		edit->failed =
		    !edit->settings.spill(edit->settings.owner, bytes);
}

/* A field that does not fit goes out as a whole. */
static void
keep(struct header_edit *edit, struct span bytes)
{
	edit->field_len += bytes.len;
	if (!edit->spilling &&
	    bytes.len > edit->settings.block_maximum - edit->block.len) {
		edit->spilling = true;
		spill(
		    edit, span_skip(buf_span(&edit->block), edit->field_start));
		buf_shorten(&edit->block, edit->block.len - edit->field_start);
	}
	if (edit->spilling)
		spill(edit, bytes);
	else
		must(buf_append_span(&edit->block, bytes));
}

/* What the field's maximum leaves of `piece`: not the first half of CRLF. */
static struct span
fitting(const struct header_edit *edit, struct span piece)
{
	size_t maximum = edit->settings.field_maximum;
	struct span part = span_head(
	    piece, maximum > edit->field_len ? maximum - edit->field_len : 0);

	if (span_ends(part, SPAN("\r")))
		part.len--;
	return part;
}

/* A piece of a line whose field has been judged. */
static void
add_piece(struct header_edit *edit, struct span piece, bool ends_line)
{
	if (edit->action == ACTION_KEEP &&
	    (edit->in_text ||
		edit->field_len + piece.len <= edit->settings.field_maximum)) {
		keep(edit, piece);
		return;
	}
	if (edit->action == ACTION_DROP)
		return;
	edit->was_cut = true;
	if (edit->action == ACTION_KEEP)
		keep(edit, fitting(edit, piece));
	edit->action = ACTION_CUT_LINE;
	if (ends_line) {
		keep(edit, SPAN("\r\n"));
		edit->action = ACTION_DROP;
	}
}

/* Gathers the start of a line from pieces. False when it needs more of them;
 * else the line was begun, and *piece is what follows its start. */
static bool
gather_start(struct header_edit *edit, struct span *piece, bool ends_line)
{
	struct buf *line = &edit->line;
	struct span part = span_head(*piece, line->maximum - line->len);

	must(buf_append_span(line, part));
	*piece = span_skip(*piece, part.len);
	if (!ends_line && line->len < line->maximum)
		return false;
	begin_line(edit, buf_span(line));
	add_piece(edit, buf_span(line), ends_line && piece->len == 0);
	buf_clear(line);
	return true;
}

/* Takes bytes up to the end of a line, or as many as there are. */
static void
take_piece(struct header_edit *edit, struct span piece, bool ends_line)
{
	if (!edit->in_line && ends_line && edit->line.len == 0)
		begin_line(edit, piece);
	else if (!edit->in_line && !gather_start(edit, &piece, ends_line))
		return;
	if (piece.len > 0)
		add_piece(edit, piece, ends_line);
	if (ends_line)
		edit->in_line = false;
}

bool
header_edit_feed(struct header_edit *edit, struct span run)
{
	while (run.len > 0 && !edit->failed) {
		size_t len = span_find(run, '\n');
		bool ends_line = len < run.len;

		if (ends_line)
			len++;
		take_piece(edit, span_head(run, len), ends_line);
		run = span_skip(run, len);
	}
	return !edit->failed;
}

void
header_edit_changed(struct header_edit *edit, size_t before)
{
	struct span rest = buf_span(&edit->block);
	uint64_t hops = edit->hops;
	struct header_field field;

	/* What has left the block is not changed. */
	if (!edit->spilling)
		edit->seen = 0;
	while (header_next(&rest, &field) && field.name.len > 0)
		note_field(edit, field.name);
	edit->hops = hops;
	if (edit->in_text)
		edit->insert_at = edit->insert_at + edit->block.len - before;
}

static bool
was_seen(const struct header_edit *edit, unsigned seen)
{
	return (edit->seen & seen) != 0;
}

static void
add_message_id(
    struct buf *out, const char *name, const struct header_edit_origin *origin)
{
	header_open(out, name);
	message_id_append(out, origin->arrival, origin->queue_id, origin->host);
	header_close(out);
}

static void
add_date(
    struct buf *out, const char *name, const struct header_edit_origin *origin)
{
	char date[DATE_TEXT_SIZE];

	header_append(
	    out, name, span_text(date_format_mail(origin->arrival, date)));
}

static void
add_from(
    struct buf *out, const char *name, const struct header_edit_origin *origin)
{
	struct span sender =
	    origin->sender.len > 0 ? origin->sender : SPAN("MAILER-DAEMON");
	struct buf value;

	buf_init(&value, ADDED_MAXIMUM / 2);
	if (!address_list_append(&value, origin->full_name, sender)) {
		buf_clear(&value);
		must(mail_address_append_quoted(&value, sender));
	}
	header_append(out, name, buf_span(&value));
	buf_finish(&value);
}

/* In a resent message it is the Resent- fields that must be there. */
static const struct {
	unsigned seen;
	unsigned resent_seen;
	const char *name;
	const char *resent_name;
	void (*add)(struct buf *out, const char *name,
	    const struct header_edit_origin *origin);
} required_fields[] = {
    {SEEN_MESSAGE_ID, SEEN_RESENT_MESSAGE_ID, "Message-ID", "Resent-Message-ID",
	add_message_id},
    {SEEN_DATE, SEEN_RESENT_DATE, "Date", "Resent-Date", add_date},
    {SEEN_FROM, SEEN_RESENT_FROM, "From", "Resent-From", add_from},
};

static void
add_required(const struct header_edit *edit, struct buf *out,
    const struct header_edit_origin *origin)
{
	bool resent = was_seen(edit, SEEN_RESENT);

	for (size_t i = 0; i < COUNT_OF(required_fields); i++)
		if (!was_seen(edit,
			resent ? required_fields[i].resent_seen
			       : required_fields[i].seen))
			required_fields[i].add(out,
			    resent ? required_fields[i].resent_name
				   : required_fields[i].name,
			    origin);
}

static void
insert(struct header_edit *edit, struct span fields)
{
	struct span block = buf_span(&edit->block);
	struct buf behind;

	if (!edit->in_text || edit->insert_at >= block.len) {
		must(buf_append_span(&edit->block, fields));
		return;
	}
	buf_init(&behind, block.len);
	must(buf_append_span(&behind, span_skip(block, edit->insert_at)));
	buf_shorten(&edit->block, block.len - edit->insert_at);
	must(buf_append_span(&edit->block, fields));
	must(buf_append_span(&edit->block, buf_span(&behind)));
	buf_finish(&behind);
}

void
header_edit_complete(
    struct header_edit *edit, const struct header_edit_origin *origin)
{
	struct buf missing;

	buf_init(&missing, ADDED_MAXIMUM);
	if (origin->complete)
		add_required(edit, &missing, origin);
	if (origin->undisclosed.len > 0 && !was_seen(edit, SEEN_RECIPIENT)) {
		buf_append_span(&missing, origin->undisclosed);
		buf_append_text(&missing, "\r\n");
	}
	must(!missing.overflowed);
	insert(edit, buf_span(&missing));
	buf_finish(&missing);
}

bool
header_edit_message_id(
    const struct header_edit *edit, bool resent, struct buf *out)
{
	struct span name =
	    resent ? SPAN("Resent-Message-ID") : SPAN("Message-ID");
	struct header_field field;

	return header_find(buf_span(&edit->block), name, &field) &&
	    header_unfold(out, field.value);
}
