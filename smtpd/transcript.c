/* SPDX-License-Identifier: MIT */
#include "smtpd/transcript.h"

#include "lib/base/text.h"
#include "lib/daemon/cleanup_answer.h"
#include "lib/daemon/notice_class.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"
#include "lib/mail/header.h"

enum {
	PATIENCE = 10, /* seconds for cleanup to be there */
	TEXT_WIDTH = 76,
	INDENT = 6, /* of what follows " In: " */
	NOTICE_MAXIMUM = 4 * TRANSCRIPT_MAXIMUM
};

/* ---- classes ---- */

/* The first row that fits counts; 0 fits everything. */
static const struct {
	uint16_t code;
	uint16_t subject;
	uint16_t detail;
	const char *text; /* at the end; NULL fits every one */
	unsigned class;
} rows[] = {
    {0, 7, 0, NULL, NOTICE_CLASS_POLICY},
    {0, 1, 0, NULL, NOTICE_CLASS_BOUNCE},
    {0, 3, 4, NULL, NOTICE_CLASS_POLICY}, /* message size */
    {0, 5, 3, NULL, NOTICE_CLASS_POLICY}, /* number of recipients */
    {0, 3, 1, NULL, NOTICE_CLASS_RESOURCE},
    {451, 3, 0, "lookup failure", NOTICE_CLASS_DATA},
    {451, 3, 0, NULL, NOTICE_CLASS_SOFTWARE},
    {0, 5, 0, NULL, NOTICE_CLASS_PROTOCOL},
    {0, 6, 0, NULL, NOTICE_CLASS_PROTOCOL},
};

unsigned
transcript_class_of(const struct reply *reply)
{
	struct reply_status status = reply->status;

	if (reply->code < 400 || status.class == 0)
		return 0;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if ((rows[i].code != 0 && rows[i].code != reply->code) ||
		    rows[i].subject != status.subject ||
		    (rows[i].detail != 0 && rows[i].detail != status.detail))
			continue;
		if (rows[i].text == NULL ||
		    span_ends(span_text(reply->text), span_text(rows[i].text)))
			return rows[i].class;
	}
	return 0;
}

/* ---- keeping ---- */

void
transcript_init(struct transcript *transcript, unsigned wanted)
{
	*transcript = (struct transcript){.wanted = wanted};
	buf_init(&transcript->text, TRANSCRIPT_MAXIMUM);
}

void
transcript_finish(struct transcript *transcript)
{
	buf_finish(&transcript->text);
}

/* A line, broken where it is too long for a text. */
static void
add(struct transcript *transcript, const char *who, struct span line)
{
	struct buf *text = &transcript->text;
	struct buf printable;
	struct span rest;

	if (transcript->wanted == 0 || text->overflowed)
		return;
	buf_init(&printable, TRANSCRIPT_MAXIMUM);
	text_append_printable(&printable, line);
	for (size_t i = 0; i < printable.len; i++)
		if (!text_is_printable(printable.at[i]))
			printable.at[i] = '?';
	rest = buf_span(&printable);
	buf_append_text(text, who);
	do {
		struct span head = span_head(rest, TEXT_WIDTH - INDENT);

		buf_append_span(text, head);
		rest = span_skip(rest, head.len);
		buf_append_text(text, rest.len > 0 ? "\r\n      " : "\r\n");
	} while (rest.len > 0);
	buf_finish(&printable);
}

void
transcript_add_command(struct transcript *transcript, struct span line)
{
	add(transcript, " In:  ", line);
}

void
transcript_add_reply(
    struct transcript *transcript, const struct reply *reply, bool counts)
{
	struct buf wire;
	struct span rest;
	struct span line;

	if (transcript->wanted == 0)
		return;
	if (counts)
		transcript->happened |=
		    transcript_class_of(reply) & transcript->wanted;
	buf_init(&wire, 4 * REPLY_TEXT_SIZE);
	(void)reply_append(&wire, reply);
	rest = buf_span(&wire);
	while (span_take_word(&rest, "\r\n", &line))
		add(transcript, " Out: ", line);
	buf_finish(&wire);
}

void
transcript_forget(struct transcript *transcript)
{
	if (transcript->happened == 0) {
		buf_clear(&transcript->text);
		buf_finish(&transcript->text);
	}
}

/* ---- sending ---- */

static void
compose(
    struct buf *out, const struct transcript *transcript, const char *client)
{
	const struct common_params *common = service_common();

	header_append(
	    out, "From", SPAN("Mail Delivery System <MAILER-DAEMON>"));
	header_append(out, "To", SPAN("Postmaster <postmaster>"));
	header_open(out, "Subject");
	header_printf(
	    out, "%s SMTP server: errors from %s", common->mail_name, client);
	header_close(out);
	header_append(out, "Auto-Submitted", SPAN("auto-generated"));
	buf_append_text(out, "\r\nTranscript of session follows.\r\n\r\n");
	buf_append_span(out, buf_span(&transcript->text));
	if (transcript->text.overflowed)
		buf_append_text(out, " (more was said)\r\n");
	buf_append_text(
	    out, "\r\nFor other details, see the local mail logfile.\r\n");
}

static bool
converse(struct conversation *conversation, struct span content, struct span to,
    char id[CLEANUP_ID_SIZE], struct error *error)
{
	int64_t deadline = loop_deadline(service_common()->ipc_timeout);
	struct message_begin begin = {
	    .sender = span_text(service_common()->double_bounce_sender),
	    .flags = MESSAGE_FLAG_LOCAL | MESSAGE_FLAG_NOTICE,
	};
	struct message_recipient recipient = {
	    .address = to, .notify = NOTIFY_NEVER};
	struct message_end end = {.commit = true};

	conversation_send_begin(conversation, &begin);
	conversation_send_recipient(conversation, &recipient);
	if (!cleanup_answer_id(conversation, deadline, id, error) ||
	    !cleanup_answer_accepted(conversation, deadline, error) ||
	    !conversation_send_content(
		conversation, content, false, deadline, error))
		return false;
	conversation_send_end(conversation, &end);
	return cleanup_answer_accepted(conversation, deadline, error);
}

static bool
submit(struct span content, struct span to, char id[CLEANUP_ID_SIZE],
    struct error *error)
{
	struct conversation *conversation =
	    switchboard_converse("cleanup", loop_deadline(PATIENCE), error);
	bool good;

	if (conversation == NULL)
		return false;
	good = converse(conversation, content, to, id, error);
	conversation_close(conversation);
	return good;
}

void
transcript_send(const struct transcript *transcript, const char *client)
{
	const struct common_params *common = service_common();
	bool only_refused = transcript->happened == NOTICE_CLASS_BOUNCE;
	char id[CLEANUP_ID_SIZE];
	struct error error;
	struct buf notice;

	if (transcript->happened == 0)
		return;
	buf_init(&notice, NOTICE_MAXIMUM);
	compose(&notice, transcript, client);
	if (submit(buf_span(&notice),
		span_text(only_refused ? common->bounce_notice_recipient
				       : common->error_notice_recipient),
		id, &error))
		log_info(NULL, "postmaster transcript notification: %s", id);
	else
		log_warning(NULL, "postmaster transcript of %s not sent: %s",
		    client, error.text);
	buf_finish(&notice);
}
