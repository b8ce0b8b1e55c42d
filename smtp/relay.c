/* SPDX-License-Identifier: MIT */
#include "smtp/relay.h"

#include "lib/base/clock.h"
#include "lib/daemon/service.h"
#include "lib/param/word_list.h"

#include "smtp/attempt.h"
#include "smtp/client.h"
#include "smtp/hello.h"
#include "smtp/mx.h"
#include "smtp/postmaster.h"
#include "smtp/reuse.h"
#include "smtp/starttls.h"
#include "smtp/transaction.h"

static const struct outcome_place nowhere = {0};

/* What has been tried so far for one next hop. */
struct tries {
	int64_t addresses;
	int64_t sessions;
};

static bool
is_exhausted(const struct tries *tries)
{
	const struct client_params *params = &client()->params;

	return (params->mx_address_limit > 0 &&
		   tries->addresses >= params->mx_address_limit) ||
	    (params->mx_session_limit > 0 &&
		tries->sessions >= params->mx_session_limit);
}

static void
fail(struct attempt *attempt, const struct delivery_result *outcome)
{
	if (outcome->outcome == DELIVERY_BOUNCED)
		attempt_conclude_all(attempt, outcome);
	else
		attempt_postpone(attempt, outcome);
}

/* A session that is ready for MAIL, or NULL with *failure set;
 * *has_no_tls: that is because of TLS. */
static struct session *
try_session(struct attempt *attempt, const struct server *server,
    const struct tls_goal *goal, const struct delivery_result **failure,
    bool *has_no_tls)
{
	struct session *session =
	    session_open(attempt->pool, server, goal->key, failure);

	*has_no_tls = false;
	if (session == NULL)
		return NULL;
	*failure = hello_exchange(session, attempt->pool, server, goal);
	if (*failure == NULL)
		return session;
	*has_no_tls = session->has_no_tls;
	postmaster_tell(session, attempt->delivery);
	reuse_end(session);
	return NULL;
}

/* With a server whose TLS does not work, mail that need not have any does
 * without, once it has waited; perhaps the fault passes. */
static bool
may_do_without(const struct attempt *attempt, const struct tls_goal *goal)
{
	const struct message_deliver *request = &attempt->delivery->request;
	int64_t waited =
	    (int64_t)request->activated - (int64_t)request->arrived;

	return goal->level == TLS_LEVEL_MAY &&
	    !client()->params.tls_wrappermode &&
	    waited >=
	    service_common()->minimal_backoff_time * (int64_t)CLOCK_SECOND;
}

static struct session *
open_session(struct attempt *attempt, const struct server *server,
    const struct tls_goal *goal, struct tries *tries)
{
	static const struct tls_goal without = {
	    .level = TLS_LEVEL_NONE, .key = "none"};
	const struct delivery_result *failure;
	bool has_no_tls;
	struct session *session =
	    try_session(attempt, server, goal, &failure, &has_no_tls);

	if (has_no_tls && may_do_without(attempt, goal)) {
		log_info(NULL, "%s: TLS does not work, trying without",
		    server->name);
		session = try_session(
		    attempt, server, &without, &failure, &has_no_tls);
	}
	if (session == NULL)
		fail(attempt, failure);
	else
		tries->sessions++;
	return session;
}

static enum transaction_result
use_session(struct attempt *attempt, struct session *session)
{
	enum transaction_result result;

	session->connected = clock_wall();
	if (session->uses++ > 0)
		transcript_clear(&session->transcript);
	result = transaction_run(session, attempt);
	if (result == TRANSACTION_ENDED)
		postmaster_tell(session, attempt->delivery);
	reuse_give(session);
	return result;
}

static void
try_server(struct attempt *attempt, const struct server *server,
    const struct tls_goal *goal, struct tries *tries)
{
	struct session *session = reuse_take(server, goal->key);

	tries->addresses++;
	if (session != NULL) {
		starttls_log(session, "reused");
		tries->sessions++;
		if (use_session(attempt, session) == TRANSACTION_ENDED)
			return;
		tries->sessions--;
	}
	session = open_session(attempt, server, goal, tries);
	if (session != NULL)
		must(use_session(attempt, session) == TRANSACTION_ENDED);
}

/* False when no other next hop is to be tried. A domain without servers may
 * still have a fallback relay, so even a lasting failure is only noted. */
static bool
try_next_hop(struct attempt *attempt, struct span text)
{
	struct tries tries = {0};
	struct next_hop next_hop;
	struct server_list list;
	struct tls_goal goal;
	const struct delivery_result *failure;
	struct error error;
	bool is_final;

	if (!next_hop_parse(
		text, client()->is_lmtp, client()->port, &next_hop, &error)) {
		attempt_postpone(attempt,
		    outcome_failure(
			attempt->pool, &nowhere, "4.3.5", "%s", error.text));
		return true;
	}
	failure = mx_find(attempt->pool, &next_hop, &list, &is_final);
	if (failure == NULL)
		failure = tls_client_find(attempt->pool, &next_hop, &goal);
	if (failure != NULL) {
		attempt_postpone(attempt, failure);
		return !is_final;
	}
	for (size_t i = 0; i < list.count && attempt_has_pending(attempt) &&
	     !is_exhausted(&tries);
	     i++)
		try_server(attempt, &list.servers[i], &goal, &tries);
	return !is_final;
}

static bool
try_all(struct attempt *attempt, struct span list)
{
	bool may_go_on = true;
	struct span word;

	while (may_go_on && attempt_has_pending(attempt) &&
	    word_list_next(&list, &word))
		may_go_on = try_next_hop(attempt, word);
	return may_go_on;
}

void
relay_deliver(struct delivery *delivery)
{
	struct attempt attempt;

	/* Who gets no outcome here is deferred by the skeleton. */
	if (!attempt_init(&attempt, delivery))
		return;
	if (try_all(&attempt, delivery->request.next_hop))
		(void)try_all(
		    &attempt, span_text(client()->params.fallback_relay));
	for (size_t i = 0; i < attempt.count; i++) {
		struct recipient *recipient = &attempt.recipients[i];

		if (recipient->state != RECIPIENT_DONE)
			attempt_conclude(&attempt, recipient,
			    recipient->outcome != NULL
				? recipient->outcome
				: outcome_failure(attempt.pool, &nowhere,
				      "4.3.5", "there is no next hop"));
	}
}
