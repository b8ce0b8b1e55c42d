/* SPDX-License-Identifier: MIT */
#include "pickup/session.h"

#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"

#include "pickup/envelope.h"
#include "pickup/params.h"

int64_t
session_deadline(void)
{
	return loop_deadline(pickup_params.submit_timeout);
}

/* A client that cannot be written to has gone. */
static void
write_text(struct session *session, struct span text)
{
	if (!stream_write(&session->stream, text, session_deadline(), NULL))
		session->is_over = true;
}

void
session_send(struct session *session, const struct reply *reply)
{
	struct buf wire;

	buf_init(&wire, 8 * REPLY_TEXT_SIZE);
	must(reply_append(&wire, reply));
	write_text(session, buf_span(&wire));
	buf_finish(&wire);
	if (reply->code < 400)
		return;
	if (++session->errors > SESSION_ERRORS_MAXIMUM)
		session->is_over = true;
}

void
session_reply(struct session *session, uint16_t code, const char *status,
    const char *format, ...)
{
	char text[REPLY_TEXT_SIZE];
	struct reply reply;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	reply_set(&reply, code, status, "%s", text);
	session_send(session, &reply);
}

static void
greet(struct session *session, const struct command *command)
{
	transaction_reset(&session->transaction);
	session->has_greeted = true;
	if (command->verb == VERB_HELO)
		session_reply(
		    session, 250, NULL, "%s", service_common()->myhostname);
	else
		session_reply(session, 250, NULL,
		    "%s\nPIPELINING\nSIZE %lld\nENHANCEDSTATUSCODES\n"
		    "8BITMIME\nDSN%s\nXUSER\nXFULLNAME",
		    service_common()->myhostname,
		    (long long)service_common()->message_size_limit,
		    service_common()->smtputf8_enable ? "\nSMTPUTF8" : "");
}

static void
reset(struct session *session, const struct command *command UNUSED)
{
	transaction_reset(&session->transaction);
	session_reply(session, 250, "2.0.0", "Ok");
}

static void
do_nothing(struct session *session, const struct command *command UNUSED)
{
	session_reply(session, 250, "2.0.0", "Ok");
}

static void
verify(struct session *session, const struct command *command)
{
	session_reply(session, 252, "2.0.0", "%.*s",
	    SPAN_ARGS(span_head(command->rest, 256)));
}

static void
help(struct session *session, const struct command *command UNUSED)
{
	session_reply(session, 214, "2.0.0",
	    "This is the submission socket of %s; see sendmail(1)",
	    service_common()->mail_name);
}

static void
quit(struct session *session, const struct command *command UNUSED)
{
	session_reply(session, 221, "2.0.0", "Bye");
	session->is_over = true;
}

static void
refuse_verb(struct session *session, const struct command *command)
{
	if (command->verb == VERB_UNKNOWN)
		session_reply(
		    session, 500, "5.5.2", "Error: command not recognized");
	else
		session_reply(
		    session, 502, "5.5.1", "Error: command not implemented");
}

/* Reads up to the end of data. False when the client has gone, and what it sent
 * counts for nothing. */
static bool
read_content(struct session *session)
{
	struct content *content = &session->transaction.content;
	struct span bytes;

	while (!content->has_ended) {
		if (!stream_peek(
			&session->stream, session_deadline(), &bytes, NULL)) {
			session->is_over = true;
			return false;
		}
		stream_consume(&session->stream, content_feed(content, bytes));
	}
	return true;
}

static void
take_data(struct session *session, const struct command *command UNUSED)
{
	struct transaction *transaction = &session->transaction;
	struct reply reply;

	if (transaction->accepted == 0 && !transaction->lost) {
		session_reply(
		    session, 554, "5.5.1", "Error: no valid recipients");
		return;
	}
	session_reply(session, 354, NULL, "End data with <CR><LF>.<CR><LF>");
	transaction_begin_content(transaction, &session->submitter);
	if (!read_content(session))
		return;
	transaction_end_content(transaction, &reply);
	session_send(session, &reply);
	transaction_reset(transaction);
}

static void (*const verbs[VERB_COUNT])(
    struct session *session, const struct command *command) = {
    [VERB_HELO] = greet,
    [VERB_EHLO] = greet,
    [VERB_MAIL] = envelope_mail,
    [VERB_RCPT] = envelope_rcpt,
    [VERB_DATA] = take_data,
    [VERB_RSET] = reset,
    [VERB_NOOP] = do_nothing,
    [VERB_VRFY] = verify,
    [VERB_HELP] = help,
    [VERB_QUIT] = quit,
};

static void
obey(struct session *session, struct span line)
{
	struct command command = command_parse(line);

	if (verbs[command.verb] != NULL)
		verbs[command.verb](session, &command);
	else
		refuse_verb(session, &command);
	pool_clear(session->scratch);
}

static void
converse(struct session *session)
{
	struct span line;
	enum line_ending ending;
	struct error error;

	session_reply(session, 220, NULL, "%s ESMTP %s",
	    service_common()->myhostname, service_common()->mail_name);
	while (!session->is_over) {
		if (service_is_draining() && !session->transaction.has_sender) {
			session_reply(session, 421, "4.3.2",
			    "Service is going down, try again");
			return;
		}
		if (stream_read_line(&session->stream, SESSION_LINE_MAXIMUM,
			session_deadline(), &line, &ending, &error))
			obey(session, line);
		else if (error.kind == ERROR_LIMIT)
			session_reply(
			    session, 500, "5.5.2", "Error: line too long");
		else
			return;
	}
}

/* False when this user gets no session, and was told. */
static bool
admit(struct session *session)
{
	struct submitter *submitter = &session->submitter;
	struct error error;

	if (!submitter_identify(
		submitter, session->pool, session->stream.loop_fd.fd, &error)) {
		log_warning(NULL, "submission: %s", error.text);
		session_reply(
		    session, 421, "4.3.0", "Temporary lookup failure");
		return false;
	}
	if (!submitter_is_listed(
		span_text(pickup_params.authorized_submit_users),
		submitter->name)) {
		log_warning(NULL, "User %.*s(%u) is not allowed to submit mail",
		    SPAN_ARGS(submitter->name), (unsigned)submitter->uid);
		session_reply(session, 554, "5.7.1",
		    "User %.*s(%u) is not allowed to submit mail",
		    SPAN_ARGS(submitter->name), (unsigned)submitter->uid);
		return false;
	}
	if (submitter_enter(submitter))
		return true;
	session_reply(session, 421, "4.7.0",
	    "Error: too many submissions of user %.*s",
	    SPAN_ARGS(submitter->name));
	return false;
}

void
session_serve(
    const char *listener UNUSED, int fd, const struct address *peer UNUSED)
{
	struct session session = {.errors = 0};
	struct flight_slot *slot;

	session.pool =
	    pool_create(service_pool(), "session", SESSION_POOL_MAXIMUM);
	session.scratch =
	    pool_create(session.pool, "command", SESSION_POOL_MAXIMUM);
	stream_init(&session.stream, fd);
	if (admit(&session)) {
		slot = flight_begin(
		    "submission", session.submitter.name, SPAN_EMPTY);
		converse(&session);
		flight_end(slot);
	}
	(void)!stream_flush(&session.stream, loop_deadline(1), NULL);
	transaction_reset(&session.transaction);
	submitter_leave(&session.submitter);
	stream_close(&session.stream);
	pool_destroy(session.pool);
}
