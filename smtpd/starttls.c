/* SPDX-License-Identifier: MIT */
#include "smtpd/starttls.h"

#include "lib/daemon/service.h"
#include "lib/tls/summary.h"

#include "smtpd/hello.h"
#include "smtpd/sni.h"
#include "smtpd/tls_server.h"

enum {
	SUMMARY_MAXIMUM = 1024
};

bool
starttls_is_offered(const struct session *session)
{
	return tls_server()->context != NULL && session->secure == NULL &&
	    hello_offers(session, "STARTTLS");
}

bool
starttls_must_come_first(const struct session *session, enum verb verb)
{
	static const bool may_precede[VERB_COUNT] = {
	    [VERB_HELO] = true,
	    [VERB_EHLO] = true,
	    [VERB_STARTTLS] = true,
	    [VERB_NOOP] = true,
	    [VERB_HELP] = true,
	    [VERB_QUIT] = true,
	};

	return tls_server()->level == TLS_SERVER_ENCRYPT &&
	    session->secure == NULL && !may_precede[verb];
}

static void
log_established(const struct session *session)
{
	const struct secure *secure = session->secure;
	const char *name = secure_asked_name(secure);
	struct buf summary;

	if (session->params->smtpd_tls_loglevel == 0)
		return;
	if (name != NULL &&
	    (!sni_is_used() || sni_find(span_text(name)) == NULL))
		name = NULL;
	buf_init(&summary, SUMMARY_MAXIMUM);
	summary_append(&summary, secure);
	log_event(NULL, LOG_TLS_FROM,
	    log_text("trust", span_text(summary_trust(secure))),
	    log_text("client", span_text(session->client.name)),
	    log_text("address", span_text(session->client.ip)),
	    log_optional("name", span_text(name)),
	    log_text("summary", buf_span(&summary)));
	buf_finish(&summary);
	if (secure->trust == SECURE_UNTRUSTED && secure->problem != NULL)
		log_info(NULL, "certificate verification failed for %s[%s]: %s",
		    session->client.name, session->client.ip, secure->problem);
}

static void
log_failure(const struct session *session, const struct error *error)
{
	log_info(NULL, "SSL_accept error from %s[%s]: %s", session->client.name,
	    session->client.ip,
	    error->kind == ERROR_TIMEOUT      ? "Connection timed out"
		: error->kind == ERROR_CLOSED ? "lost connection"
					      : "-1");
	if (error->kind == ERROR_INVALID)
		log_warning(NULL, "TLS library problem: %s", error->text);
}

/* A certificate that is not good enough ends the session. */
static bool
client_is_known(struct session *session)
{
	enum secure_trust trust = session->secure->trust;

	if (!tls_server()->requires || trust == SECURE_TRUSTED)
		return true;
	log_info(NULL, "NOQUEUE: abort: TLS from %s[%s]: %s",
	    session->client.name, session->client.ip,
	    trust == SECURE_ANONYMOUS ? "No client certificate presented"
				      : "Client certificate not trusted");
	session_reply(session, 421, "4.7.1",
	    "%s Error: a trusted client certificate is required",
	    service_common()->myhostname);
	session->is_over = true;
	return false;
}

static bool
begin(struct session *session)
{
	int64_t deadline =
	    loop_deadline(session->params->smtpd_starttls_timeout);
	struct error error;

	session->secure = secure_accept(
	    &session->stream, tls_server()->context, deadline, &error);
	if (session->secure == NULL) {
		log_failure(session, &error);
		/* There is nobody who could be told. */
		session->last_code = 421;
		session->is_over = true;
		session_log_lost(session);
		return false;
	}
	log_established(session);
	return client_is_known(session);
}

bool
starttls_wrap(struct session *session)
{
	return begin(session);
}

/* What comes in the same packet as the command was not meant for TLS, or not by
 * the client. */
static bool
is_injected(struct session *session)
{
	if (!stream_has_input(&session->stream))
		return false;
	log_warning(NULL, "plain text behind STARTTLS from %s[%s]",
	    session->client.name, session->client.ip);
	session_reply(session, 554, "5.5.0",
	    "Error: nothing may follow STARTTLS before TLS has begun");
	session->is_over = true;
	return true;
}

static bool
is_possible(struct session *session, const struct command *command)
{
	if (command->rest.len > 0) {
		session_reply(session, 501, "5.5.4", "Syntax: STARTTLS");
		return false;
	}
	if (session->secure != NULL) {
		session_reply(
		    session, 554, "5.5.1", "Error: TLS already active");
		return false;
	}
	if (!starttls_is_offered(session)) {
		session_reply(
		    session, 502, "5.5.1", "Error: command not implemented");
		return false;
	}
	return !is_injected(session);
}

void
starttls_handle(struct session *session, const struct command *command)
{
	struct error error;

	if (!is_possible(session, command))
		return;
	session_reply(session, 220, "2.0.0", "Ready to start TLS");
	if (!stream_flush(
		&session->stream, session_deadline(session), &error)) {
		session_lost(session, &error);
		return;
	}
	if (begin(session))
		session->begins_anew = true;
}
