/* SPDX-License-Identifier: MIT */
#include "smtpd/postmaster.h"

#include "lib/daemon/notice_class.h"
#include "lib/daemon/service.h"
#include "lib/daemon/transcript_mail.h"

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
postmaster_class_of(const struct reply *reply)
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

static bool
concerns_postmaster(const struct session *session)
{
	return !session->transaction.has_sender ||
	    !notice_class_is_notice(&session->transaction.sender);
}

/* With a new message the transcript of those before begins anew. */
void
postmaster_note_command(
    struct session *session, const struct command *command, struct span line)
{
	if (command->verb == VERB_MAIL && session->counts[VERB_MAIL].good > 0)
		transcript_forget(&session->transcript);
	transcript_add_in(&session->transcript, line);
}

void
postmaster_note_reply(struct session *session, const struct reply *reply)
{
	struct buf wire;

	if (session->transcript.wanted == 0)
		return;
	if (concerns_postmaster(session))
		transcript_note(
		    &session->transcript, postmaster_class_of(reply));
	buf_init(&wire, 4 * REPLY_TEXT_SIZE);
	(void)reply_append(&wire, reply);
	transcript_add_out(&session->transcript, buf_span(&wire));
	buf_finish(&wire);
}

void
postmaster_tell(struct session *session)
{
	const struct common_params *common = service_common();
	struct transcript *transcript = &session->transcript;
	bool only_refused = transcript->happened == NOTICE_CLASS_BOUNCE;
	const char *client = pool_printf(
	    session->pool, "%s[%s]", session->client.name, session->client.ip);
	struct transcript_mail mail = {
	    .program = SPAN("SMTP server"),
	    .peer = span_text(client == NULL ? session->client.ip : client),
	    .text = buf_span(&transcript->text),
	    .is_cut = transcript->text.overflowed,
	    .to = span_text(only_refused ? common->bounce_notice_recipient
					 : common->error_notice_recipient),
	};

	if (transcript->happened != 0)
		transcript_mail_send(&mail, NULL);
	transcript_finish(transcript);
}
