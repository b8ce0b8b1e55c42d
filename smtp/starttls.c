/* SPDX-License-Identifier: MIT */
#include "smtp/starttls.h"

#include "lib/base/memory.h"
#include "lib/log/log.h"
#include "lib/tls/summary.h"

#include "smtp/client.h"
#include "smtp/postmaster.h"
#include "smtp/tls_cache.h"

enum {
	NAMES_MAXIMUM = 101,
	SUMMARY_MAXIMUM = 1024
};

void
starttls_log(const struct session *session, const char *how)
{
	const struct secure *secure = session->secure;
	struct buf summary;

	if (secure == NULL || client()->params.tls_loglevel == 0)
		return;
	buf_init(&summary, SUMMARY_MAXIMUM);
	summary_append(&summary, secure);
	log_event(NULL, LOG_TLS_TO,
	    log_text("trust", span_text(summary_trust(secure))),
	    log_text("how", span_text(how)),
	    log_text("server", span_text(session->relay)),
	    log_text("summary", buf_span(&summary)));
	buf_finish(&summary);
}

/* ---- handshake ---- */

static const char *
resolve(const struct session *session, const char *name)
{
	return span_equal_fold(span_text(name), SPAN("hostname"))
	    ? session->name
	    : name;
}

/* Fingerprints are no names: they are compared afterwards. */
static void
find_names(const struct session *session, const struct tls_goal *goal,
    const char **names)
{
	size_t count = 0;

	if (goal->level >= TLS_LEVEL_VERIFY)
		for (; goal->wanted[count] != NULL; count++)
			names[count] = resolve(session, goal->wanted[count]);
	names[count] = NULL;
}

static void
keep(void *keeper, const struct secure *secure, SSL_SESSION *ticket)
{
	const struct session *session = keeper;

	tls_cache_keep(session->cache_key, ticket, secure->trust, loop_now());
}

static void
log_failure(const struct session *session, const struct error *error)
{
	log_info(NULL, "SSL_connect error to %s: %s", session->relay,
	    error->kind == ERROR_TIMEOUT      ? "Connection timed out"
		: error->kind == ERROR_CLOSED ? "lost connection"
					      : "-1");
	if (error->kind == ERROR_INVALID)
		log_warning(NULL, "TLS library problem: %s", error->text);
}

static void
set_keys(struct session *session, const struct tls_goal *goal)
{
	struct buf key;

	buf_init(&key, STREAM_LINE_MAXIMUM);
	must(buf_printf(&key, "%s %s", session->relay, goal->key));
	session->cache_key = memory_copy(buf_span(&key));
	buf_finish(&key);
}

static struct secure *
shake_hands(
    struct session *session, const struct tls_goal *goal, struct error *error)
{
	const char *names[NAMES_MAXIMUM + 1];
	int64_t deadline = loop_deadline(client()->params.starttls_timeout);
	struct secure_goal details = {
	    .protocols = goal->protocols,
	    .ciphers = goal->ciphers,
	    .names = names,
	    .joins_wildcards = tls_client_joins_wildcards(),
	    .keep = keep,
	    .keeper = session,
	};
	struct secure *secure;

	find_names(session, goal, names);
	if (goal->server_name != NULL)
		details.server_name = resolve(session, goal->server_name);
	details.session =
	    tls_cache_take(session->cache_key, loop_now(), &details.trust);
	secure = secure_connect(
	    &session->stream, tls_client_context(), &details, deadline, error);
	SSL_SESSION_free(details.session);
	return secure;
}

/* ---- is it the right one? ---- */

static void
log_untrusted(const struct session *session)
{
	const struct secure *secure = session->secure;

	if (secure->trust == SECURE_UNTRUSTED && secure->problem != NULL)
		log_info(NULL, "certificate verification failed for %s: %s",
		    session->relay, secure->problem);
}

static const struct delivery_result *
check_peer(
    struct session *session, struct pool *pool, const struct tls_goal *goal)
{
	struct outcome_place place = session_place(session);
	struct secure *secure = session->secure;

	if (goal->level == TLS_LEVEL_FINGERPRINT &&
	    tls_client_has_fingerprint(secure, goal))
		secure->trust = SECURE_VERIFIED;
	starttls_log(session, "established");
	if (goal->level < TLS_LEVEL_FINGERPRINT ||
	    secure->trust == SECURE_VERIFIED)
		return NULL;
	log_untrusted(session);
	return outcome_failure(pool, &place, "4.7.5",
	    "Server certificate not %s",
	    secure->trust == SECURE_TRUSTED ||
		    goal->level == TLS_LEVEL_FINGERPRINT
		? "verified"
		: "trusted");
}

static const struct delivery_result *
begin(struct session *session, struct pool *pool, const struct tls_goal *goal)
{
	struct outcome_place place = session_place(session);
	struct error error;

	set_keys(session, goal);
	session->secure = shake_hands(session, goal, &error);
	if (session->secure != NULL) {
		/* RFC 3207 4.2: what the server has said is forgotten. */
		session->features = 0;
		session->size_limit = 0;
		return check_peer(session, pool, goal);
	}
	log_failure(session, &error);
	session->is_broken = true;
	session->has_no_tls = true;
	return outcome_failure(
	    pool, &place, "4.7.5", "Cannot start TLS: handshake failure");
}

const struct delivery_result *
starttls_wrap(
    struct session *session, struct pool *pool, const struct tls_goal *goal)
{
	return begin(session, pool, goal);
}

/* ---- STARTTLS ---- */

static bool
is_mandatory(const struct tls_goal *goal)
{
	return goal->level >= TLS_LEVEL_ENCRYPT;
}

static const struct delivery_result *
not_offered(
    struct session *session, struct pool *pool, const struct tls_goal *goal)
{
	struct outcome_place place = session_place(session);

	if (!is_mandatory(goal))
		return NULL;
	return outcome_failure(pool, &place, "4.7.4",
	    "TLS is required, but was not offered by host %s", session->where);
}

/* Whoever may do without goes on in the clear. */
static const struct delivery_result *
not_granted(struct session *session, struct pool *pool,
    const struct tls_goal *goal, struct reply *reply)
{
	struct outcome_place place = session_place(session);
	struct buf line;
	const struct delivery_result *failure;

	postmaster_note_reply(session, reply);
	session->features &= ~(unsigned)FEATURE_STARTTLS;
	if (!is_mandatory(goal))
		return NULL;
	buf_init(&line, REPLY_TEXT_SIZE);
	reply_append_line(&line, reply);
	failure = outcome_failure(pool, &place, "4.7.4",
	    "TLS is required, but host %s refused to start TLS: %s",
	    session->where, buf_text(&line));
	buf_finish(&line);
	return failure;
}

/* Bytes behind the reply were not said by the server, or not to be read as if
 * they had been said inside TLS. */
static const struct delivery_result *
injected(struct session *session, struct pool *pool)
{
	struct outcome_place place = session_place(session);

	log_warning(NULL, "plain text behind the answer to STARTTLS from %s",
	    session->relay);
	session->is_broken = true;
	return outcome_failure(pool, &place, "4.7.0",
	    "plain text behind the answer to STARTTLS from %s", session->where);
}

static const struct delivery_result *
ask(struct session *session, struct pool *pool, const struct tls_goal *goal,
    bool *begun)
{
	struct reply reply;
	struct error error;

	if (!session_command(session, &error, "STARTTLS") ||
	    !session_read_reply(
		session, client()->params.starttls_timeout, &reply, &error))
		return session_failure(
		    session, pool, &error, "performing the TLS handshake");
	if (!reply_is_positive(&reply))
		return not_granted(session, pool, goal, &reply);
	if (stream_has_input(&session->stream))
		return injected(session, pool);
	*begun = true;
	return begin(session, pool, goal);
}

const struct delivery_result *
starttls_begin(struct session *session, struct pool *pool,
    const struct tls_goal *goal, bool *begun)
{
	bool is_offered = (session->features & FEATURE_STARTTLS) != 0;

	*begun = false;
	if (session->secure != NULL)
		return NULL;
	if (is_offered && goal->level != TLS_LEVEL_NONE)
		return ask(session, pool, goal, begun);
	if (is_offered && client()->params.tls_note_starttls_offer)
		log_info(NULL, "Host offered STARTTLS: [%s]", session->name);
	return not_offered(session, pool, goal);
}
