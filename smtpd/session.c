/* SPDX-License-Identifier: MIT */
#include "smtpd/session.h"

#include <sys/socket.h>

#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/daemon/service.h"
#include "lib/param/word_list.h"

#include "smtpd/access.h"
#include "smtpd/postmaster.h"
#include "smtpd/server.h"
#include "smtpd/starttls.h"
#include "smtpd/tls_server.h"
#include "smtpd/verbs.h"

enum {
	SESSION_POOL_MAXIMUM = 4 << 20,
	SCRATCH_MAXIMUM = 256 << 10,
	COUNTS_SIZE = 512
};

static const struct span no_queue = {"NOQUEUE", 7};

static struct list sessions = {&sessions, &sessions};

/* As much time as a session has that begins now. */
static int64_t
fresh_limit(const struct session *session)
{
	int64_t limit = session->params->smtpd_session_time_limit;

	return limit > 0 ? loop_deadline(limit) : LOOP_NO_DEADLINE;
}

void
session_note_message(struct session *session)
{
	session->stream.hard_deadline = fresh_limit(session);
}

void
session_note_data(struct session *session, size_t count)
{
	int64_t limit = fresh_limit(session);
	int64_t earned =
	    (int64_t)count * 1000 / session->params->smtpd_min_data_rate;

	if (session->stream.hard_deadline > limit - earned)
		session->stream.hard_deadline = limit;
	else
		session->stream.hard_deadline += earned;
}

int64_t
session_deadline(const struct session *session)
{
	return loop_deadline(session->params->smtpd_timeout);
}

const char *
session_protocol(const struct session *session)
{
	return session->is_esmtp ? "ESMTP" : "SMTP";
}

static void
count_error(struct session *session)
{
	session->errors++;
	if (session->errors > session->params->smtpd_soft_error_limit)
		loop_sleep_until(
		    loop_deadline(session->params->smtpd_error_sleep_time));
}

/* With soft_bounce the client is to come again. */
static struct reply
soften(const struct reply *reply)
{
	struct reply soft = *reply;

	if (!service_common()->soft_bounce || !reply_is_permanent(reply))
		return soft;
	soft.code = (uint16_t)(soft.code - 100);
	if (soft.status.class == 5)
		soft.status.class = 4;
	return soft;
}

void
session_send(struct session *session, const struct reply *wanted)
{
	struct reply reply = soften(wanted);
	struct error error;
	struct buf wire;

	postmaster_note_reply(session, &reply);
	session->last_code = reply.code;
	if (reply.code >= 400)
		count_error(session);
	buf_init(&wire, 4 * REPLY_TEXT_SIZE);
	reply_append(&wire, &reply);
	if (!stream_write(&session->stream, buf_span(&wire),
		session_deadline(session), &error))
		session_lost(session, &error);
	buf_finish(&wire);
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

void
session_reset(struct session *session)
{
	transaction_reset(&session->transaction);
	session->log.queue_id = no_queue;
	flight_set_message(session->flight, SPAN_EMPTY);
}

static const char *
state_name(const struct session *session)
{
	return session->last_verb == VERB_COUNT ? "CONNECT"
						: verb_name(session->last_verb);
}

static void
log_end(struct session *session, enum log_event event)
{
	const struct log_context *context =
	    session->transaction.queue_id[0] != '\0' ? &session->log : NULL;

	log_event(context, event,
	    log_text("state", span_text(state_name(session))),
	    log_text("client", span_text(session->client.name)),
	    log_text("address", span_text(session->client.ip)));
}

void
session_log_lost(struct session *session)
{
	log_end(session, LOG_CLIENT_LOST);
}

void
session_lost(struct session *session, const struct error *error)
{
	if (session->is_over)
		return;
	session->is_over = true;
	if (error->kind != ERROR_TIMEOUT) {
		log_end(session, LOG_CLIENT_LOST);
		return;
	}
	log_end(session, LOG_CLIENT_TIMEOUT);
	session_reply(session, 421, "4.4.2", "%s Error: timeout exceeded",
	    service_common()->myhostname);
}

static bool
has_too_many_errors(struct session *session)
{
	if (session->errors < session->params->smtpd_hard_error_limit)
		return false;
	log_end(session, LOG_CLIENT_ERRORS);
	session_reply(session, 421, "4.7.0", "%s Error: too many errors",
	    service_common()->myhostname);
	session->is_over = true;
	return true;
}

/* No command begins so: it is a handshake, a proxy's header or noise. */
static bool
is_noise(const struct command *command)
{
	return command->word.len > 0 && !text_is_letter(command->word.at[0]);
}

/* Words of other protocols: somebody made a browser talk to us. */
static bool
is_forbidden(
    struct session *session, const struct command *command, struct span line)
{
	if (!is_noise(command) &&
	    !word_list_has(span_text(session->params->smtpd_forbidden_commands),
		command->word))
		return false;
	log_warning(NULL, "non-SMTP command from %s[%s]: %.*s",
	    session->client.name, session->client.ip,
	    SPAN_ARGS(span_head(line, 100)));
	session_reply(
	    session, 221, "2.7.0", "Error: this is a mail server. Goodbye.");
	session->is_over = true;
	return true;
}

/* Nothing that is no UTF-8 reaches a parser, a table or the log. */
static bool
refuse_encoding(struct session *session, struct span line)
{
	if (!service_common()->smtputf8_enable || text_is_utf8(line))
		return false;
	session->last_verb = VERB_UNKNOWN;
	session->counts[VERB_UNKNOWN].all++;
	session_reply(session, 500, "5.5.2", "Error: bad UTF-8 syntax");
	return true;
}

static void
run_command(struct session *session, struct span line)
{
	struct command command = command_parse(line);
	struct verb_count *count = &session->counts[command.verb];

	if (!is_noise(&command) && refuse_encoding(session, line))
		return;
	session->last_verb = command.verb;
	session->last_code = 0;
	postmaster_note_command(session, &command, line);
	if (is_forbidden(session, &command, line))
		return;
	verbs_run(session, &command);
	count->all++;
	if (session->last_code < 400)
		count->good++;
	pool_clear(session->scratch);
}

static void
refuse_line(struct session *session)
{
	session->last_verb = VERB_UNKNOWN;
	session->counts[VERB_UNKNOWN].all++;
	session_reply(session, 500, "5.5.2", "Error: line too long");
}

static bool
read_command(struct session *session, struct span *line, struct error *error)
{
	size_t limit = (size_t)service_common()->line_length_limit;
	enum line_ending ending;
	bool has_line;

	session->is_idle = !session->transaction.has_sender;
	has_line = stream_read_line(&session->stream, limit,
	    session_deadline(session), line, &ending, error);
	session->is_idle = false;
	return has_line;
}

/* Nothing new is begun in a process that ends. */
static bool
must_leave(const struct session *session)
{
	return service_is_draining() && !session->transaction.has_sender;
}

static void
serve_commands(struct session *session)
{
	while (!session->is_over && !session->begins_anew &&
	    !has_too_many_errors(session)) {
		struct error error;
		struct span line;

		if (must_leave(session)) {
			session_reply(session, 421, "4.3.2",
			    "%s Service shutting down, try again",
			    service_common()->myhostname);
			return;
		}
		if (read_command(session, &line, &error))
			run_command(session, line);
		else if (error.kind == ERROR_LIMIT)
			refuse_line(session);
		else if (error.kind != ERROR_CLOSED || !must_leave(session))
			session_lost(session, &error);
	}
}

void
session_drain_all(void)
{
	list_foreach (node, &sessions) {
		struct session *session =
		    list_element(node, struct session, node);

		/* Its read finds the end; it can still be answered. */
		if (session->is_idle)
			(void)shutdown(session->stream.loop_fd.fd, SHUT_RD);
	}
}

static void
format_counts(const struct session *session, struct buf *text)
{
	struct verb_count sum = {0, 0};

	for (int verb = 0; verb < VERB_COUNT; verb++) {
		struct verb_count count = session->counts[verb];
		char name[16];

		if (count.all == 0)
			continue;
		sum.good += count.good;
		sum.all += count.all;
		snprintf(name, sizeof name, "%s", verb_name((enum verb)verb));
		text_fold(name, strlen(name));
		buf_printf(text, "%s=%" PRIu32, name, count.good);
		if (count.good != count.all)
			buf_printf(text, "/%" PRIu32, count.all);
		buf_append_byte(text, ' ');
	}
	buf_printf(text, "commands=%" PRIu32, sum.good);
	if (sum.good != sum.all || sum.all == 0)
		buf_printf(text, "/%" PRIu32, sum.all);
}

static void
log_disconnect(const struct session *session)
{
	struct buf counts;

	buf_init(&counts, COUNTS_SIZE);
	format_counts(session, &counts);
	log_event(NULL, LOG_CLIENT_DISCONNECT,
	    log_text("client", span_text(session->client.name)),
	    log_text("address", span_text(session->client.ip)),
	    log_text("counts", buf_span(&counts)));
	buf_finish(&counts);
}

/* RFC 3207 4.2: what was said in the clear is forgotten. All that goes on is
 * named here. */
static void
begin_anew(struct session *session)
{
	struct session old = *session;

	transaction_reset(&session->transaction);
	pool_clear(session->scratch);
	*session = (struct session){
	    .node = old.node,
	    .pool = old.pool,
	    .scratch = old.scratch,
	    .stream = old.stream,
	    .secure = old.secure,
	    .params = old.params,
	    .client = old.client,
	    .log = {.queue_id = no_queue},
	    .is_local = old.is_local,
	    .rewrites_header = old.rewrites_header,
	    .is_refused = old.is_refused,
	    .transcript = old.transcript,
	    .errors = old.errors,
	    .junk = old.junk,
	    .last_verb = old.last_verb,
	    .flight = old.flight,
	};
	memcpy(session->counts, old.counts, sizeof old.counts);
	transaction_init(&session->transaction);
	flight_set_message(session->flight, SPAN_EMPTY);
}

static void
converse(struct session *session)
{
	session->is_refused = !access_client(session);
	if (!session->is_refused)
		session_reply(
		    session, 220, NULL, "%s", session->params->smtpd_banner);
	serve_commands(session);
	if (session->begins_anew) {
		begin_anew(session);
		serve_commands(session);
	}
}

static void
serve(struct session *session)
{
	struct error error;

	log_event(NULL, LOG_CLIENT_CONNECT,
	    log_text("client", span_text(session->client.name)),
	    log_text("address", span_text(session->client.ip)));
	if (!tls_server()->wraps || starttls_wrap(session))
		converse(session);
	if (!stream_flush(&session->stream, session_deadline(session), &error))
		session_lost(session, &error);
	log_disconnect(session);
}

static bool
rewrites_header(const struct session *session)
{
	struct address here = address_of_socket(session->stream.loop_fd.fd);

	return server_rewrites_header(&(struct local_client){
	    .address = &session->client.address,
	    .here = &here,
	    .is_in_mynetworks = session->is_local,
	});
}

void
session_run(const char *listener UNUSED, int fd, const struct address *peer)
{
	struct session session = {
	    .pool = pool_create(NULL, "session", SESSION_POOL_MAXIMUM),
	    .params = server_params(),
	    .log = {.queue_id = no_queue},
	    .last_verb = VERB_COUNT,
	};

	session.scratch = pool_create(session.pool, "command", SCRATCH_MAXIMUM);
	stream_init(&session.stream, fd);
	session_note_message(&session);
	transaction_init(&session.transaction);
	transcript_init(&session.transcript, server()->transcript_classes);
	client_identify(&session.client, peer,
	    session.params->smtpd_peername_lookup, session.pool);
	session.flight =
	    flight_begin("session", span_text(session.client.ip), SPAN_EMPTY);
	session.is_local = server_is_local(peer);
	session.rewrites_header = rewrites_header(&session);
	list_add_last(&sessions, &session.node);
	serve(&session);
	list_remove(&session.node);
	flight_end(session.flight);
	transaction_reset(&session.transaction);
	secure_close(session.secure);
	stream_close(&session.stream);
	postmaster_tell(&session);
	pool_destroy(session.pool);
}
