/* SPDX-License-Identifier: MIT */
#include "smtp/postmaster.h"

#include "lib/daemon/agent.h"
#include "lib/mail/mail_address.h"

#include "smtp/client.h"

/* As RFC 5321 4.2.1 says: x0z is about syntax and unknown commands. 555 is the
 * same for parameters. */
enum {
	SYNTAX_FIRST = 500,
	SYNTAX_LAST = 509,
	PARAMETERS_UNKNOWN = 555
};

unsigned
postmaster_class_of_reply(const struct reply *reply)
{
	bool is_refusal =
	    reply_is_temporary(reply) || reply_is_permanent(reply);
	bool is_about_syntax = reply->code == PARAMETERS_UNKNOWN ||
	    (reply->code >= SYNTAX_FIRST && reply->code <= SYNTAX_LAST);

	return is_refusal && !is_about_syntax ? 0 : NOTICE_CLASS_PROTOCOL;
}

unsigned
postmaster_class_of_error(enum error_kind kind, bool in_mail)
{
	switch (kind) {
	case ERROR_INVALID:
	case ERROR_LIMIT:
		return NOTICE_CLASS_PROTOCOL;
	case ERROR_CLOSED:
	case ERROR_SYSTEM:
		return in_mail ? NOTICE_CLASS_PROTOCOL : 0;
	case ERROR_TEMPORARY: /* content.c's */
		return NOTICE_CLASS_DATA;
	case ERROR_NONE:
	case ERROR_NOT_FOUND:
	case ERROR_TIMEOUT:
		break;
	}
	return 0;
}

void
postmaster_note_reply(struct session *session, const struct reply *reply)
{
	transcript_note(&session->transcript, postmaster_class_of_reply(reply));
}

void
postmaster_note_error(struct session *session, const struct error *error)
{
	transcript_note(&session->transcript,
	    postmaster_class_of_error(error->kind, session->needs_reset));
}

static void
send_transcript(const struct session *session, const struct delivery *delivery)
{
	struct message_transcript message = {
	    .program =
		client()->is_lmtp ? SPAN("LMTP client") : SPAN("SMTP client"),
	    .server = span_text(session->where),
	    .queue_id = delivery->request.queue_id,
	    .is_cut = session->transcript.text.overflowed,
	    .text = buf_span(&session->transcript.text),
	};

	if (!agent_tell_transcript(&message))
		log_warning(&delivery->log,
		    "postmaster transcript of %s not sent: qmgr is not there",
		    session->where);
}

void
postmaster_tell(struct session *session, const struct delivery *delivery)
{
	struct mail_address sender =
	    mail_address_split(delivery->request.sender);

	if (session->transcript.happened != 0 &&
	    !notice_class_is_notice(&sender))
		send_transcript(session, delivery);
	transcript_clear(&session->transcript);
}
