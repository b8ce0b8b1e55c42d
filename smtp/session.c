/* SPDX-License-Identifier: MIT */
#include "smtp/session.h"

#include <sys/socket.h>

#include <errno.h>

#include "lib/base/memory.h"
#include "lib/log/log.h"
#include "lib/mail/reply_parser.h"
#include "lib/net/listen.h"
#include "lib/tls/secure.h"

#include "smtp/client.h"
#include "smtp/postmaster.h"

static void
name_session(struct session *session, const struct server *server)
{
	char ip[ADDRESS_TEXT_SIZE];

	snprintf(session->name, sizeof session->name, "%s", server->name);
	if (server->address.any.sa_family == AF_UNIX) {
		snprintf(session->where, sizeof session->where, "%s[%s]",
		    session->name, server->path);
		snprintf(session->relay, sizeof session->relay, "%s",
		    session->where);
		return;
	}
	snprintf(session->where, sizeof session->where, "%s[%s]", session->name,
	    address_format_ip(&server->address, ip));
	snprintf(session->relay, sizeof session->relay, "%s[%s]:%u",
	    session->name, ip, address_port(&server->address));
}

static const struct address *
source_for(const struct address *address)
{
	const struct address *source = &client()->source4;

	if (address->any.sa_family == AF_INET6)
		source = &client()->source6;
	if (address->any.sa_family == AF_UNIX || source->len == 0)
		return NULL;
	return source;
}

static const struct delivery_result *
connect_failure(
    const struct session *session, struct pool *pool, const struct error *error)
{
	static const struct outcome_place nowhere = {0};
	const struct delivery_result *outcome = outcome_failure(pool, &nowhere,
	    "4.4.1", "connect to %s: %s", session->relay,
	    error->kind == ERROR_SYSTEM        ? strerror(error->saved_errno)
		: error->kind == ERROR_TIMEOUT ? strerror(ETIMEDOUT)
					       : error->text);

	log_info(NULL, "%.*s", SPAN_ARGS(outcome->text));
	return outcome;
}

struct session *
session_open(struct pool *pool, const struct server *server,
    const char *goal_key, const struct delivery_result **failure)
{
	int64_t timeout = client()->params.connect_timeout;
	struct session *session = memory_zero(sizeof *session);
	struct error error;
	int fd;

	session->address = server->address;
	session->opened = loop_now();
	name_session(session, server);
	fd = connect_open(&server->address, source_for(&server->address),
	    timeout == 0 ? LOOP_NO_DEADLINE : loop_deadline(timeout), &error);
	if (fd < 0) {
		*failure = connect_failure(session, pool, &error);
		free(session);
		return NULL;
	}
	stream_init(&session->stream, fd);
	session->goal_key = memory_copy(span_text(goal_key));
	list_init(&session->idle_node);
	transcript_init(&session->transcript, client()->transcript_classes);
	return session;
}

void
session_close(struct session *session)
{
	loop_timer_stop(&session->idle_timer);
	list_remove(&session->idle_node);
	secure_close(session->secure);
	stream_close(&session->stream);
	transcript_finish(&session->transcript);
	free(session->goal_key);
	free(session->cache_key);
	free(session);
}

void
session_quit(struct session *session)
{
	const struct client_params *params = &client()->params;
	struct reply reply;

	/* Nobody depends on how this ends. */
	if (!session->is_broken && session_command(session, NULL, "QUIT") &&
	    stream_flush(
		&session->stream, loop_deadline(params->quit_timeout), NULL) &&
	    !params->skip_quit_response)
		(void)!session_read_reply(
		    session, params->quit_timeout, &reply, NULL);
	session_close(session);
}

struct outcome_place
session_place(const struct session *session)
{
	return (struct outcome_place){
	    .name = session->name,
	    .where = session->where,
	    .relay = session->relay,
	    .uses = session->uses,
	    .connected = session->connected,
	};
}

bool
session_command(
    struct session *session, struct error *error, const char *format, ...)
{
	int64_t deadline = loop_deadline(client()->params.data_xfer_timeout);
	va_list arguments;
	struct buf line;
	bool written;

	buf_init(&line, STREAM_OUTPUT_MAXIMUM);
	va_start(arguments, format);
	buf_vprintf(&line, format, arguments);
	va_end(arguments);
	/* Addresses cannot hold a line end: their parsers let none through. */
	must(span_find(buf_span(&line), '\n') == line.len);
	transcript_add_out(&session->transcript, buf_span(&line));
	buf_append_text(&line, "\r\n");
	written = !line.overflowed &&
	    stream_write(&session->stream, buf_span(&line), deadline, error);
	buf_finish(&line);
	if (!written)
		session->is_broken = true;
	return written;
}

/* Of a line that is too long, its start, as in Postfix: it has the code. */
static bool
read_line(struct session *session, int64_t deadline, struct span *line,
    struct error *error)
{
	enum line_ending ending;

	return stream_read_line(&session->stream, REPLY_LINE_MAXIMUM, deadline,
		   line, &ending, error) ||
	    error->kind == ERROR_LIMIT;
}

bool
session_read_lines(struct session *session, int64_t timeout,
    const struct session_lines *lines, struct reply *reply, struct error *error)
{
	int64_t deadline = loop_deadline(timeout);
	struct reply_parser parser = {0};
	struct error failure;
	struct span line;
	struct span text;

	for (;;) {
		enum reply_progress progress = REPLY_INVALID;

		if (read_line(session, deadline, &line, &failure)) {
			transcript_add_in(&session->transcript, line);
			progress = reply_parser_line(
			    &parser, line, reply, &text, &failure);
		}
		if (progress == REPLY_INVALID) {
			session->is_broken = true;
			postmaster_note_error(session, &failure);
			if (error != NULL)
				*error = failure;
			return false;
		}
		if (lines != NULL)
			lines->take(lines->owner, text);
		if (progress == REPLY_DONE)
			break;
	}
	/* The server is about to close the connection (RFC 5321 3.8). */
	if (reply->code == 421)
		session->is_broken = true;
	return true;
}

bool
session_read_reply(struct session *session, int64_t timeout,
    struct reply *reply, struct error *error)
{
	return session_read_lines(session, timeout, NULL, reply, error);
}

bool
session_has_input(struct session *session)
{
	char byte;

	return stream_has_input(&session->stream) ||
	    recv(session->stream.loop_fd.fd, &byte, 1,
		MSG_PEEK | MSG_DONTWAIT) >= 0;
}

bool
session_reset(struct session *session)
{
	struct reply reply;

	if (session->is_broken || !session_command(session, NULL, "RSET") ||
	    !session_read_reply(
		session, client()->params.rset_timeout, &reply, NULL) ||
	    !reply_is_positive(&reply)) {
		session->is_broken = true;
		return false;
	}
	session->needs_reset = false;
	return true;
}

const struct delivery_result *
session_failure(const struct session *session, struct pool *pool,
    const struct error *error, const char *doing)
{
	struct outcome_place place = session_place(session);

	switch (error->kind) {
	case ERROR_TIMEOUT:
		return outcome_failure(pool, &place, "4.4.2",
		    "conversation with %s timed out while %s", session->where,
		    doing);
	case ERROR_INVALID:
	case ERROR_LIMIT:
		return outcome_failure(pool, &place, "4.5.0",
		    "protocol error of %s while %s: %s", session->where, doing,
		    error->text);
	case ERROR_TEMPORARY:
		return outcome_failure(pool, &place, "4.3.0",
		    "local data error while talking to %s: %s", session->where,
		    error->text);
	case ERROR_NONE:
	case ERROR_NOT_FOUND:
	case ERROR_CLOSED:
	case ERROR_SYSTEM:
		break;
	}
	return outcome_failure(pool, &place, "4.4.2",
	    "lost connection with %s while %s", session->where, doing);
}
