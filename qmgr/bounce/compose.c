/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/compose.h"

#include "lib/base/text.h"
#include "lib/mail/date.h"
#include "lib/mail/dsn.h"
#include "lib/mail/header.h"
#include "lib/mail/mail_address.h"
#include "lib/mail/unitext.h"
#include "lib/mail/xtext.h"

enum {
	TEXT_WIDTH = 78,
	ADDRESS_MAXIMUM = 4096
};

static const char *const returned[] = {
    [NOTICE_FAILURE] = "Undelivered Message",
    [NOTICE_DELAY] = "Delayed Message",
    [NOTICE_SUCCESS] = "Message",
};

/* ---- character sets ---- */

static bool
charset_is(const struct compose_notice *notice, const char *name)
{
	return span_equal_fold(notice->words->charset, span_text(name));
}

/* The text for people can say anything that is UTF-8. */
static bool
text_is_international(const struct compose_notice *notice)
{
	return charset_is(notice, "utf-8") ||
	    (notice->utf8 && charset_is(notice, "us-ascii"));
}

static bool
text_is_8bit(const struct compose_notice *notice)
{
	return text_is_international(notice) ||
	    (!notice->for_postmaster && !text_is_ascii(notice->introduction));
}

static bool
is_outside_ascii(struct span address)
{
	return !text_is_ascii(address) && text_is_utf8(address);
}

bool
compose_is_international(const struct compose_notice *notice)
{
	if (is_outside_ascii(notice->to) || is_outside_ascii(notice->sender))
		return true;
	for (size_t i = 0; i < notice->count; i++)
		if (is_outside_ascii(notice->recipients[i].address) ||
		    is_outside_ascii(notice->recipients[i].before))
			return true;
	return false;
}

bool
compose_is_8bit(const struct compose_notice *notice)
{
	return notice->utf8 || notice->eight_bit || text_is_8bit(notice);
}

/* Appends what somebody said: bytes above 127 only where they may be. */
static void
append_said(struct buf *out, struct span text, bool utf8)
{
	size_t before = out->len;

	text_append_printable(out, text);
	for (size_t i = before; i < out->len && !utf8; i++)
		if ((unsigned char)out->at[i] > 0x7e)
			out->at[i] = '?';
}

/* ---- header ---- */

static void
append_received(struct buf *out, const struct compose_host *host,
    const struct compose_notice *notice)
{
	char date[DATE_TEXT_SIZE];

	header_open(out, "Received");
	header_printf(out, "by %.*s (%.*s)", SPAN_ARGS(host->name),
	    SPAN_ARGS(host->system));
	header_fold(out);
	header_printf(out, "id %.*s; %s", SPAN_ARGS(notice->own_id),
	    date_format_mail(notice->now, date));
	header_close(out);
}

static void
append_to(struct buf *out, const struct compose_notice *notice)
{
	struct buf address;

	buf_init(&address, ADDRESS_MAXIMUM);
	if (mail_address_append_quoted(&address, notice->to))
		header_append(out, "To", buf_span(&address));
	buf_finish(&address);
}

static void
append_header(struct buf *out, const struct compose_host *host,
    const struct compose_notice *notice)
{
	append_received(out, host, notice);
	header_append(out, "From", notice->words->from);
	header_append(out, "Subject",
	    notice->for_postmaster ? notice->words->postmaster_subject
				   : notice->words->subject);
	append_to(out, notice);
	header_append(out, "Auto-Submitted", SPAN("auto-replied"));
	header_append(out, "MIME-Version", SPAN("1.0"));
	header_open(out, "Content-Type");
	header_add(out, SPAN("multipart/report; report-type=delivery-status;"));
	header_fold(out);
	header_printf(out, "boundary=\"%.*s\"", SPAN_ARGS(notice->boundary));
	header_close(out);
	if (compose_is_8bit(notice))
		header_append(out, "Content-Transfer-Encoding", SPAN("8bit"));
	buf_append_text(
	    out, "\r\nThis is a MIME-encapsulated message.\r\n\r\n");
}

static void
append_boundary(struct buf *out, const struct compose_notice *notice)
{
	buf_printf(out, "--%.*s\r\n", SPAN_ARGS(notice->boundary));
}

/* The header of a part whose bytes may be above 127. */
static void
append_part(struct buf *out, const struct compose_notice *notice,
    const char *description, const char *type, bool eight_bit)
{
	append_boundary(out, notice);
	header_append(out, "Content-Description", span_text(description));
	header_append(out, "Content-Type", span_text(type));
	if (eight_bit)
		header_append(out, "Content-Transfer-Encoding", SPAN("8bit"));
	buf_append_text(out, "\r\n");
}

/* ---- for people ---- */

/* Appends text from elsewhere, folded at blanks; lines after the first are
 * indented. */
static void
append_folded(struct buf *out, struct span text, bool utf8)
{
	struct buf printable;
	struct span rest;
	struct span word;
	size_t column = 0;

	buf_init(&printable, COMPOSE_MAXIMUM);
	append_said(&printable, text, utf8);
	rest = buf_span(&printable);
	while (span_take_word(&rest, " ", &word)) {
		if (column > 0 && column + 1 + word.len > TEXT_WIDTH) {
			buf_append_text(out, "\r\n    ");
			column = 4;
		} else if (column > 0) {
			buf_append_byte(out, ' ');
			column++;
		}
		buf_append_span(out, word);
		column += word.len;
	}
	buf_append_text(out, "\r\n");
	buf_finish(&printable);
}

static void
append_recipient_text(
    struct buf *out, const struct compose_recipient *recipient, bool utf8)
{
	struct buf line;

	buf_init(&line, COMPOSE_MAXIMUM);
	mail_address_append_path(&line, recipient->address);
	if (recipient->before.len > 0 &&
	    !span_equal_fold(recipient->before, recipient->address)) {
		buf_append_text(&line, " (expanded from ");
		mail_address_append_path(&line, recipient->before);
		buf_append_text(&line, ")");
	}
	buf_append_text(&line, ": ");
	buf_append_span(&line, recipient->text);
	append_folded(out, buf_span(&line), utf8);
	buf_append_text(out, "\r\n");
	buf_finish(&line);
}

static void
append_explanation(struct buf *out, const struct compose_notice *notice)
{
	bool utf8 = text_is_international(notice);
	char type[128];

	snprintf(type, sizeof type, "text/plain; charset=%.*s",
	    SPAN_ARGS(utf8 ? SPAN("utf-8") : notice->words->charset));
	append_part(out, notice, "Notification", type, text_is_8bit(notice));
	if (!notice->for_postmaster) {
		buf_append_span(out, notice->introduction);
		buf_append_text(out, "\r\n");
	}
	for (size_t i = 0; i < notice->count; i++)
		append_recipient_text(out, &notice->recipients[i], utf8);
}

/* ---- for programs ---- */

static void
append_field(struct buf *out, const struct compose_notice *notice,
    const char *name, const char *type, struct span value)
{
	header_open(out, name);
	buf_append_text(out, type);
	append_said(out, value, notice->utf8);
	header_close(out);
}

/* In the form that it has in mail: quoted where it has to be. */
static void
append_address(struct buf *out, const struct compose_notice *notice,
    const char *name, struct span address)
{
	bool utf8 = notice->utf8 && is_outside_ascii(address);
	struct buf quoted;

	buf_init(&quoted, ADDRESS_MAXIMUM);
	if (mail_address_append_quoted(&quoted, address))
		address = buf_span(&quoted);
	append_field(out, notice, name, utf8 ? "utf-8; " : "rfc822; ", address);
	buf_finish(&quoted);
}

/* What was said in ORCPT alone does not make a report an international one: RFC
 * 6533 3 has a form in ASCII for it. */
static void
append_decoded(struct buf *out, struct span address, bool utf8)
{
	struct buf encoded;

	buf_init(&encoded, ADDRESS_MAXIMUM);
	if (!utf8 && is_outside_ascii(address) &&
	    unitext_encode(&encoded, address))
		buf_append_span(out, buf_span(&encoded));
	else
		append_said(out, address, utf8);
	buf_finish(&encoded);
}

/* ORCPT came as type;xtext. */
static void
append_original(struct buf *out, const struct compose_notice *notice,
    const struct compose_recipient *recipient)
{
	struct span type;
	struct span encoded;
	struct buf address;

	if (!span_split(recipient->original, ';', &type, &encoded)) {
		if (recipient->before.len > 0)
			append_address(out, notice, "Original-Recipient",
			    recipient->before);
		return;
	}
	buf_init(&address, ADDRESS_MAXIMUM);
	if (xtext_decode(&address, encoded)) {
		header_open(out, "Original-Recipient");
		append_said(out, type, false);
		header_add(out, SPAN("; "));
		append_decoded(out, buf_span(&address), notice->utf8);
		header_close(out);
	}
	buf_finish(&address);
}

static enum dsn_action
action_of(const struct compose_notice *notice,
    const struct compose_recipient *recipient)
{
	if (notice->kind == NOTICE_FAILURE)
		return DSN_FAILED;
	if (notice->kind == NOTICE_DELAY)
		return DSN_DELAYED;
	if (recipient->outcome == DELIVERY_RELAYED)
		return DSN_RELAYED;
	return recipient->outcome == DELIVERY_EXPANDED ? DSN_EXPANDED
						       : DSN_DELIVERED;
}

static void
append_date(struct buf *out, const char *name, int64_t time)
{
	char date[DATE_TEXT_SIZE];

	header_append(out, name, span_text(date_format_mail(time, date)));
}

/* What a server said is its SMTP reply, what we found out is our own. */
static void
append_diagnostic(struct buf *out, const struct compose_notice *notice,
    const struct compose_recipient *recipient)
{
	bool is_reply = recipient->reply.len > 0;

	if (recipient->remote.len > 0)
		append_field(
		    out, notice, "Remote-MTA", "dns; ", recipient->remote);
	append_field(out, notice, "Diagnostic-Code",
	    is_reply ? "smtp; " : "x-postern; ",
	    is_reply ? recipient->reply : recipient->text);
}

static void
append_recipient(struct buf *out, const struct compose_notice *notice,
    const struct compose_recipient *recipient)
{
	buf_append_text(out, "\r\n");
	append_address(out, notice, "Final-Recipient", recipient->address);
	append_original(out, notice, recipient);
	header_append(out, "Action",
	    span_text(dsn_action_name(action_of(notice, recipient))));
	header_append(out, "Status", recipient->dsn);
	append_diagnostic(out, notice, recipient);
	if (recipient->attempted > 0)
		append_date(out, "Last-Attempt-Date", recipient->attempted);
	if (notice->kind == NOTICE_DELAY)
		append_date(out, "Will-Retry-Until", notice->expires);
}

static void
append_report(struct buf *out, const struct compose_host *host,
    const struct compose_notice *notice)
{
	append_part(out, notice, "Delivery report",
	    notice->utf8 ? "message/global-delivery-status"
			 : "message/delivery-status",
	    notice->utf8);
	header_open(out, "Reporting-MTA");
	header_printf(out, "dns; %.*s", SPAN_ARGS(host->name));
	header_close(out);
	if (notice->envelope_id.len > 0) {
		struct buf id;

		buf_init(&id, ADDRESS_MAXIMUM);
		if (xtext_decode(&id, notice->envelope_id))
			header_append(
			    out, "Original-Envelope-Id", buf_span(&id));
		buf_finish(&id);
	}
	header_append(out, "X-Postern-Queue-ID", notice->queue_id);
	if (notice->sender.len > 0)
		append_address(out, notice, "X-Postern-Sender", notice->sender);
	append_date(out, "Arrival-Date", notice->arrived);
	for (size_t i = 0; i < notice->count; i++)
		append_recipient(out, notice, &notice->recipients[i]);
	buf_append_text(out, "\r\n");
}

/* ---- the whole ---- */

static const char *
returned_type(const struct compose_notice *notice)
{
	if (notice->whole)
		return notice->returned_utf8 ? "message/global"
					     : "message/rfc822";
	return notice->returned_utf8 ? "message/global-headers"
				     : "text/rfc822-headers";
}

bool
compose_head(struct buf *out, const struct compose_host *host,
    const struct compose_notice *notice)
{
	char description[64];

	snprintf(description, sizeof description, "%s%s",
	    returned[notice->kind], notice->whole ? "" : " Headers");
	append_header(out, host, notice);
	append_explanation(out, notice);
	append_report(out, host, notice);
	append_part(
	    out, notice, description, returned_type(notice), notice->eight_bit);
	return !out->overflowed;
}

bool
compose_tail(struct buf *out, const struct compose_notice *notice)
{
	return buf_printf(out, "\r\n--%.*s--\r\n", SPAN_ARGS(notice->boundary));
}
