/* SPDX-License-Identifier: MIT */
#include "smtpd/verbs.h"

#include "smtpd/data.h"
#include "smtpd/hello.h"
#include "smtpd/mail.h"
#include "smtpd/rcpt.h"
#include "smtpd/simple.h"
#include "smtpd/starttls.h"

enum verb_needs {
	NEEDS_MAIL = 1,  /* a transaction must have begun */
	NEEDS_FRESH = 2, /* none may have */
	IS_JUNK = 4,     /* counts for smtpd_junk_command_limit */
	ENDS_GROUP = 8   /* RFC 2920: nothing may be sent behind it unasked */
};

static const struct {
	void (*handle)(struct session *session, const struct command *command);
	unsigned needs;
} verbs[VERB_COUNT] = {
    [VERB_HELO] = {hello_helo, IS_JUNK | ENDS_GROUP},
    [VERB_EHLO] = {hello_ehlo, IS_JUNK | ENDS_GROUP},
    [VERB_STARTTLS] = {starttls_handle, 0},
    [VERB_MAIL] = {mail_handle, NEEDS_FRESH},
    [VERB_RCPT] = {rcpt_handle, NEEDS_MAIL},
    [VERB_DATA] = {data_handle, NEEDS_MAIL | ENDS_GROUP},
    [VERB_BDAT] = {data_handle_bdat, 0},
    [VERB_RSET] = {simple_rset, IS_JUNK},
    [VERB_NOOP] = {simple_noop, IS_JUNK},
    [VERB_VRFY] = {simple_vrfy, IS_JUNK},
    [VERB_QUIT] = {simple_quit, 0},
    [VERB_HELP] = {simple_help, IS_JUNK},
};

static bool
state_allows(struct session *session, unsigned needs)
{
	bool has_mail = session->transaction.has_sender;

	if ((needs & NEEDS_MAIL) != 0 && !has_mail) {
		session_reply(
		    session, 503, "5.5.1", "Error: need MAIL command");
		return false;
	}
	if ((needs & NEEDS_FRESH) != 0 && has_mail) {
		session_reply(
		    session, 503, "5.5.1", "Error: nested MAIL command");
		return false;
	}
	return true;
}

/* A client that sends ahead where RFC 2920 does not let it, or without having
 * been told that it may, does not look at our replies: what follows could be
 * anything. */
static bool
is_out_of_step(const struct session *session, unsigned needs)
{
	if (!session->params->smtpd_forbid_unauth_pipelining ||
	    session->is_local || !stream_has_input(&session->stream))
		return false;
	return !session->is_esmtp || (needs & ENDS_GROUP) != 0;
}

static void
count_junk(struct session *session, unsigned needs)
{
	if ((needs & IS_JUNK) == 0)
		return;
	session->junk++;
	if (session->junk > session->params->smtpd_junk_command_limit)
		session->errors++;
}

void
verbs_run(struct session *session, const struct command *command)
{
	unsigned needs = verbs[command->verb].needs;

	if (is_out_of_step(session, needs)) {
		log_info(NULL,
		    "improper command pipelining after %s from "
		    "%s[%s]",
		    verb_name(command->verb), session->client.name,
		    session->client.ip);
		session_reply(session, 554, "5.5.0",
		    "Error: SMTP protocol synchronization");
		session->is_over = true;
		return;
	}
	/* RFC 5321 3.1: it has been told, and waits for nothing but QUIT. */
	if (session->is_refused && command->verb != VERB_QUIT) {
		session_reply(session, 503, "5.7.0", "Error: access denied");
		return;
	}
	count_junk(session, needs);
	if (starttls_must_come_first(session, command->verb)) {
		session_reply(session, 530, "5.7.0",
		    "Must issue a STARTTLS command first");
		return;
	}
	if (verbs[command->verb].handle == NULL) {
		session_reply(
		    session, 500, "5.5.2", "Error: command not recognized");
		return;
	}
	if (state_allows(session, needs))
		verbs[command->verb].handle(session, command);
}
