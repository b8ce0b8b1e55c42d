/* SPDX-License-Identifier: MIT */
#include "qmgr/bounce/compose.h"

#include "lib/base/text.h"
#include "lib/mail/date.h"
#include "lib/mail/dsn.h"
#include "lib/mail/header.h"
#include "lib/mail/mail_address.h"
#include "lib/mail/xtext.h"

enum {
	TEXT_WIDTH = 78,
	ADDRESS_MAXIMUM = 4096
};

/* What differs between the kinds of notices. */
static const struct {
	const char *subject;
	const char *postmaster_subject;
	const char *description;
	const char *returned; /* description of the last part */
	const char *text;
} kinds[] = {
    [NOTICE_FAILURE] =
	{
	    "Undelivered Mail Returned to Sender",
	    "Postmaster Copy: Undelivered Mail",
	    "Delivery report",
	    "Undelivered Message",
	    "Your message could not be delivered to the recipients below, and "
	    "no more\r\nattempts will be made. The reason for each is given "
	    "with the address.\r\n\r\nThe technical report and the message "
	    "itself (or its header) are attached.\r\nIf you need help, show "
	    "them to the postmaster.\r\n",
	},
    [NOTICE_DELAY] =
	{
	    "Delayed Mail (still being retried)",
	    "Postmaster Warning: Delayed Mail",
	    "Delivery report",
	    "Delayed Message",
	    "This is a warning only. You need not send your message again."
	    "\r\n\r\nIt could not be delivered to the recipients below so "
	    "far. More attempts\r\nwill be made until %s.\r\n",
	},
    [NOTICE_SUCCESS] =
	{
	    "Successful Mail Delivery Report",
	    "Postmaster Copy: Mail Delivery Report",
	    "Delivery report",
	    "Message",
	    "You asked for a report. Your message has arrived at the "
	    "recipients below, or\r\nhas been handed to a system that sends "
	    "no such reports.\r\n",
	},
};

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
	header_open(out, "From");
	header_printf(out, "Mail Delivery System <MAILER-DAEMON@%.*s>",
	    SPAN_ARGS(host->origin));
	header_close(out);
	header_append(out, "Subject",
	    span_text(notice->for_postmaster
		    ? kinds[notice->kind].postmaster_subject
		    : kinds[notice->kind].subject));
	append_to(out, notice);
	header_append(out, "Auto-Submitted", SPAN("auto-replied"));
	header_append(out, "MIME-Version", SPAN("1.0"));
	header_open(out, "Content-Type");
	header_add(out, SPAN("multipart/report; report-type=delivery-status;"));
	header_fold(out);
	header_printf(out, "boundary=\"%.*s\"", SPAN_ARGS(notice->boundary));
	header_close(out);
	if (notice->utf8 || notice->eight_bit)
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
append_folded(struct buf *out, struct span text)
{
	struct buf printable;
	struct span rest;
	struct span word;
	size_t column = 0;

	buf_init(&printable, COMPOSE_MAXIMUM);
	text_append_printable(&printable, text);
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
    struct buf *out, const struct compose_recipient *recipient)
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
	append_folded(out, buf_span(&line));
	buf_append_text(out, "\r\n");
	buf_finish(&line);
}

static void
append_introduction(struct buf *out, const struct compose_notice *notice)
{
	const char *text = kinds[notice->kind].text;
	const char *place = strstr(text, "%s");
	char date[DATE_TEXT_SIZE];

	if (place == NULL) {
		buf_append_text(out, text);
		return;
	}
	buf_append(out, text, (size_t)(place - text));
	buf_append_text(out, date_format_mail(notice->expires, date));
	buf_append_text(out, place + strlen("%s"));
}

static void
append_explanation(struct buf *out, const struct compose_host *host,
    const struct compose_notice *notice)
{
	append_part(out, notice, "Notification",
	    notice->utf8 ? "text/plain; charset=utf-8"
			 : "text/plain; charset=us-ascii",
	    notice->utf8);
	buf_printf(out, "This is the mail system at host %.*s.\r\n\r\n",
	    SPAN_ARGS(host->name));
	append_introduction(out, notice);
	buf_append_text(out, "\r\n");
	for (size_t i = 0; i < notice->count; i++)
		append_recipient_text(out, &notice->recipients[i]);
}

/* ---- for programs ---- */

static const char *
address_type(const struct compose_notice *notice, struct span address)
{
	return notice->utf8 && !text_is_ascii(address) ? "utf-8" : "rfc822";
}

static void
append_typed(struct buf *out, const struct compose_notice *notice,
    const char *name, struct span address)
{
	header_open(out, name);
	header_printf(out, "%s; ", address_type(notice, address));
	header_add(out, address);
	header_close(out);
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
			append_typed(out, notice, "Original-Recipient",
			    recipient->before);
		return;
	}
	buf_init(&address, ADDRESS_MAXIMUM);
	if (xtext_decode(&address, encoded)) {
		header_open(out, "Original-Recipient");
		header_add(out, type);
		header_add(out, SPAN("; "));
		header_add(out, buf_span(&address));
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
append_diagnostic(struct buf *out, const struct compose_recipient *recipient)
{
	bool is_reply = recipient->reply.len > 0;

	if (recipient->remote.len > 0) {
		header_open(out, "Remote-MTA");
		header_add(out, SPAN("dns; "));
		header_add(out, recipient->remote);
		header_close(out);
	}
	header_open(out, "Diagnostic-Code");
	header_add(out, is_reply ? SPAN("smtp; ") : SPAN("x-postern; "));
	header_add(out, is_reply ? recipient->reply : recipient->text);
	header_close(out);
}

static void
append_recipient(struct buf *out, const struct compose_notice *notice,
    const struct compose_recipient *recipient)
{
	buf_append_text(out, "\r\n");
	append_typed(out, notice, "Final-Recipient", recipient->address);
	append_original(out, notice, recipient);
	header_append(out, "Action",
	    span_text(dsn_action_name(action_of(notice, recipient))));
	header_append(out, "Status", recipient->dsn);
	append_diagnostic(out, recipient);
	if (recipient->attempted > 0)
		append_date(out, "Last-Attempt-Date", recipient->attempted);
	if (notice->kind == NOTICE_DELAY)
		append_date(out, "Will-Retry-Until", notice->expires);
}

static void
append_report(struct buf *out, const struct compose_host *host,
    const struct compose_notice *notice)
{
	append_part(out, notice, kinds[notice->kind].description,
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
	append_typed(out, notice, "X-Postern-Sender", notice->sender);
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
		return notice->utf8 ? "message/global" : "message/rfc822";
	return notice->utf8 ? "message/global-headers" : "text/rfc822-headers";
}

bool
compose_head(struct buf *out, const struct compose_host *host,
    const struct compose_notice *notice)
{
	char description[64];

	snprintf(description, sizeof description, "%s%s",
	    kinds[notice->kind].returned, notice->whole ? "" : " Headers");
	append_header(out, host, notice);
	append_explanation(out, host, notice);
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
