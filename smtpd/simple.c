/* SPDX-License-Identifier: MIT */
#include "smtpd/simple.h"

#include "lib/daemon/service.h"

#include "smtpd/access.h"
#include "smtpd/directory.h"
#include "smtpd/hello.h"
#include "smtpd/mail.h"

static bool
has_no_argument(struct session *session, const struct command *command)
{
	if (command->rest.len == 0)
		return true;
	session_reply(
	    session, 501, "5.5.4", "Syntax: %s", verb_name(command->verb));
	return false;
}

void
simple_rset(struct session *session, const struct command *command)
{
	if (!has_no_argument(session, command))
		return;
	session_reset(session);
	session_reply(session, 250, "2.0.0", "Ok");
}

void
simple_noop(struct session *session, const struct command *command UNUSED)
{
	session_reply(session, 250, "2.0.0", "Ok");
}

/* RFC 6531 3.7.4.2: the last word asks for it, for this command alone. */
static bool
take_smtputf8(const struct session *session, struct span *rest)
{
	size_t position = span_find_last(*rest, ' ');

	if (!hello_offers(session, "SMTPUTF8") || position == rest->len ||
	    !span_equal_fold(span_skip(*rest, position + 1), SPAN("SMTPUTF8")))
		return false;
	*rest = span_trim(span_head(*rest, position));
	return true;
}

/* RFC 5321 3.5.3: 252 says "will try", and tells nobody who exists. */
void
simple_vrfy(struct session *session, const struct command *command)
{
	struct span rest = command->rest;
	bool has_smtputf8 = take_smtputf8(session, &rest);
	struct mail_address address;
	struct error error;

	if (session->params->disable_vrfy_command) {
		session_reply(
		    session, 502, "5.5.1", "VRFY command is disabled");
		return;
	}
	if (rest.len == 0) {
		session_reply(session, 501, "5.5.4", "Syntax: VRFY address%s",
		    hello_offers(session, "SMTPUTF8") ? " [SMTPUTF8]" : "");
		return;
	}
	if (!path_parse_whole(session->scratch, rest,
		mail_path_flags(session) | PATH_LENIENT, &address, &error) ||
	    address.local.len == 0) {
		session_reply(
		    session, 501, "5.1.3", "Bad recipient address syntax");
		return;
	}
	if (!mail_allows_utf8(
		session, &address, has_smtputf8, MAIL_BAD_RECIPIENT) ||
	    !access_recipient(session, address.text))
		return;
	session_reply(session, 252, "2.0.0", "%.*s", SPAN_ARGS(rest));
}

void
simple_quit(struct session *session, const struct command *command)
{
	if (!has_no_argument(session, command))
		return;
	session_reply(session, 221, "2.0.0", "Bye");
	session->is_over = true;
}

void
simple_help(struct session *session, const struct command *command UNUSED)
{
	session_reply(session, 214, "2.0.0",
	    "Commands: EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY QUIT "
	    "HELP; see RFC 5321");
}
