/* SPDX-License-Identifier: MIT */
#include "pickup/sendmail/submit.h"

#include <sysexits.h>

#include "lib/loop/loop.h"
#include "lib/mail/dot.h"
#include "lib/mail/mail_address.h"
#include "lib/mail/reply_parser.h"
#include "lib/mail/xtext.h"
#include "lib/net/listen.h"
#include "lib/net/stream.h"

enum {
	CONNECT_PATIENCE = 30,   /* seconds */
	REPLY_PATIENCE = 600,    /* seconds: a message is being made durable */
	COMMAND_MAXIMUM = 4096,  /* bytes that pickup takes */
	FULL_NAME_MAXIMUM = 256, /* the same */
	PIPELINED_MAXIMUM = 100  /* replies fit into the socket's buffer */
};

/* One run of submit_message. */
struct submission {
	const struct submit_request *request;
	struct stream stream;
	int status;
	struct error *error;
};

int
submit_connect(const char *socket, struct error *error)
{
	struct address address;
	int fd;

	if (!address_local(span_text(socket), &address, error))
		return -1;
	fd = connect_open(
	    &address, NULL, loop_deadline(CONNECT_PATIENCE), error);
	if (fd < 0)
		error_prefix(error, "%s (is the mail system running?)", socket);
	return fd;
}

static bool
send_text(struct submission *submission, struct span text)
{
	return stream_write(&submission->stream, text,
	    loop_deadline(REPLY_PATIENCE), submission->error);
}

static bool
read_reply(struct submission *submission, struct reply *reply)
{
	struct reply_parser parser = {.lines = 0};
	enum reply_progress progress = REPLY_MORE;
	enum line_ending ending;
	struct span line;

	while (progress == REPLY_MORE) {
		if (!stream_read_line(&submission->stream, REPLY_LINE_MAXIMUM,
			loop_deadline(REPLY_PATIENCE), &line, &ending,
			submission->error))
			return false;
		progress = reply_parser_line(
		    &parser, line, reply, NULL, submission->error);
	}
	return progress == REPLY_DONE;
}

/* What a refusal means for whoever called us. */
static int
status_of(const struct reply *reply)
{
	if (reply_is_temporary(reply))
		return EX_TEMPFAIL;
	return reply->status.subject == 7 ? EX_NOPERM : EX_DATAERR;
}

/* Reads a reply; false unless its first digit is that of `code`. */
static bool
expect(struct submission *submission, unsigned code, const char *what)
{
	struct reply reply;

	if (!read_reply(submission, &reply))
		return error_prefix(submission->error, "mail system");
	if (reply.code / 100 == code / 100)
		return true;
	submission->status = status_of(&reply);
	return error_set(submission->error, ERROR_INVALID, "%s%s%s", what,
	    what[0] == '\0' ? "" : ": ", reply.text);
}

static bool
send_and_expect(struct submission *submission, struct span command,
    unsigned code, const char *what)
{
	return send_text(submission, command) && expect(submission, code, what);
}

static void
append_parameters(const struct submit_request *request, struct buf *command)
{
	const struct arguments *arguments = request->arguments;
	const struct content *content = &request->message->content;
	bool has_8bit = content->header.eight_bit || content->body.eight_bit;

	if (!request->has_sender)
		buf_append_text(command, " XUSER");
	if (request->full_name != NULL && request->full_name[0] != '\0') {
		buf_append_text(command, " XFULLNAME=");
		xtext_encode(command,
		    span_head(
			span_text(request->full_name), FULL_NAME_MAXIMUM));
	}
	if (arguments->body == ARGUMENTS_BODY_8BIT ||
	    (arguments->body == ARGUMENTS_BODY_ANY && has_8bit))
		buf_append_text(command, " BODY=8BITMIME");
	if (arguments->dsn_return != DSN_RETURN_UNSET)
		buf_printf(
		    command, " RET=%s", dsn_return_name(arguments->dsn_return));
	if (arguments->envelope_id != NULL) {
		buf_append_text(command, " ENVID=");
		xtext_encode(command, span_text(arguments->envelope_id));
	}
}

static bool
send_sender(struct submission *submission)
{
	struct buf command;
	bool accepted;

	buf_init(&command, COMMAND_MAXIMUM);
	buf_append_text(&command, "MAIL FROM:");
	mail_address_append_path(&command, submission->request->sender);
	append_parameters(submission->request, &command);
	buf_append_text(&command, "\r\n");
	must(!command.overflowed);
	accepted =
	    send_and_expect(submission, buf_span(&command), 250, "sender");
	buf_finish(&command);
	return accepted;
}

static bool
send_recipient(struct submission *submission, struct span address)
{
	unsigned notify = submission->request->arguments->notify;
	struct buf command;
	bool sent;

	buf_init(&command, COMMAND_MAXIMUM);
	buf_append_text(&command, "RCPT TO:");
	mail_address_append_path(&command, address);
	if (notify != 0) {
		buf_append_text(&command, " NOTIFY=");
		dsn_append_notify(&command, notify);
	}
	buf_append_text(&command, "\r\n");
	must(!command.overflowed);
	sent = send_text(submission, buf_span(&command));
	buf_finish(&command);
	return sent;
}

static bool
expect_recipient(struct submission *submission, struct span address)
{
	char what[200];

	snprintf(
	    what, sizeof what, "<%.*s>", SPAN_ARGS(span_head(address, 100)));
	return expect(submission, 250, what);
}

/* Many commands a write, and never more than the other side can answer without
 * being read. */
static bool
send_recipients(struct submission *submission)
{
	const struct recipients *recipients = submission->request->recipients;
	size_t count = recipients_count(recipients);
	size_t answered = 0;

	for (size_t i = 0; i < count; i++) {
		if (!send_recipient(submission, recipients_at(recipients, i)))
			return false;
		if (i + 1 < count && i + 1 - answered < PIPELINED_MAXIMUM)
			continue;
		for (; answered <= i; answered++)
			if (!expect_recipient(submission,
				recipients_at(recipients, answered)))
				return false;
	}
	return true;
}

static bool
send_run(void *owner, struct span run)
{
	return send_text(owner, run);
}

static bool
stuff_run(void *owner, struct span run)
{
	return dot_feed(owner, run);
}

static bool
send_content(struct submission *submission)
{
	struct dot dot;

	dot_init(&dot, 0, send_run, submission);
	return spooled_replay(submission->request->message, stuff_run, &dot,
		   submission->error) &&
	    dot_finish(&dot);
}

static bool
talk(struct submission *submission)
{
	return expect(submission, 220, "") &&
	    send_and_expect(
		submission, SPAN("EHLO sendmail\r\n"), 250, "EHLO") &&
	    send_sender(submission) && send_recipients(submission) &&
	    send_and_expect(submission, SPAN("DATA\r\n"), 354, "DATA") &&
	    send_content(submission) && expect(submission, 250, "message");
}

bool
submit_message(
    const struct submit_request *request, int *status, struct error *error)
{
	struct submission submission = {
	    .request = request, .status = EX_TEMPFAIL, .error = error};
	int fd = submit_connect(request->socket, error);
	bool queued;

	*status = EX_TEMPFAIL;
	if (fd < 0)
		return false;
	stream_init(&submission.stream, fd);
	queued = talk(&submission);
	/* The reply that counts has been read. */
	if (queued &&
	    stream_write(
		&submission.stream, SPAN("QUIT\r\n"), loop_now(), NULL))
		(void)!stream_flush(&submission.stream, loop_now(), NULL);
	stream_close(&submission.stream);
	*status = submission.status;
	return queued;
}
