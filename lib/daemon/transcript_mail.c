/* SPDX-License-Identifier: MIT */
#include "lib/daemon/transcript_mail.h"

#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/daemon/cleanup_answer.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"
#include "lib/mail/header.h"

enum {
	PATIENCE = 10, /* seconds for cleanup to be there */
	MAIL_MAXIMUM = 128 << 10
};

static void
append_line(struct buf *out, struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		buf_append_byte(
		    out, text_is_printable(line.at[i]) ? line.at[i] : '?');
	buf_append_text(out, "\r\n");
}

static void
append_lines(struct buf *out, struct span text)
{
	while (text.len > 0) {
		struct span line = span_head(text, span_find(text, '\n'));

		text = span_skip(text, line.len + 1);
		if (span_ends(line, SPAN("\r")))
			line.len--;
		append_line(out, line);
	}
}

void
transcript_mail_compose(
    struct buf *out, const char *system, const struct transcript_mail *mail)
{
	header_append(
	    out, "From", SPAN("Mail Delivery System <MAILER-DAEMON>"));
	header_append(out, "To", SPAN("Postmaster <postmaster>"));
	header_open(out, "Subject");
	header_printf(out, "%s %.*s: errors from %.*s", system,
	    SPAN_ARGS(mail->program), SPAN_ARGS(mail->peer));
	header_close(out);
	header_append(out, "Auto-Submitted", SPAN("auto-generated"));
	buf_append_text(out, "\r\nTranscript of session follows.\r\n\r\n");
	append_lines(out, mail->text);
	if (mail->is_cut)
		buf_append_text(out, " (more was said)\r\n");
	if (mail->omitted > 0)
		buf_printf(out,
		    "\r\nTranscripts that were not sent before this one, since "
		    "there were too many: %" PRIu32 "\r\n",
		    mail->omitted);
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
transcript_mail_send(
    const struct transcript_mail *mail, const struct log_context *context)
{
	char id[CLEANUP_ID_SIZE];
	struct error error;
	struct buf text;

	buf_init(&text, MAIL_MAXIMUM);
	transcript_mail_compose(&text, service_common()->mail_name, mail);
	if (submit(buf_span(&text), mail->to, id, &error))
		log_info(context, "postmaster transcript notification: %s", id);
	else
		log_warning(context,
		    "postmaster transcript of %.*s not sent: %s",
		    SPAN_ARGS(mail->peer), error.text);
	buf_finish(&text);
}
