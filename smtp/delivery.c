/* SPDX-License-Identifier: MIT */
#include "smtp/delivery.h"

#include "lib/base/clock.h"
#include "lib/param/word_list.h"

#include "smtp/client.h"
#include "smtp/hello.h"
#include "smtp/mx.h"
#include "smtp/reuse.h"
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
fail(struct request *request, const struct outcome *outcome)
{
	if (outcome->outcome == DELIVERY_BOUNCED)
		request_conclude_all(request, outcome);
	else
		request_postpone(request, outcome);
}

/* A session that is ready for MAIL, or NULL with the failure noted. */
static struct session *
open_session(
    struct request *request, const struct server *server, struct tries *tries)
{
	const struct outcome *failure;
	struct session *session = session_open(request->pool, server, &failure);

	if (session == NULL) {
		fail(request, failure);
		return NULL;
	}
	failure = hello_exchange(session, request->pool, server);
	if (failure != NULL) {
		fail(request, failure);
		session_quit(session);
		return NULL;
	}
	tries->sessions++;
	return session;
}

static enum transaction_result
use_session(struct request *request, struct session *session)
{
	enum transaction_result result;

	session->connected = clock_wall();
	session->uses++;
	result = transaction_run(session, request);
	reuse_give(session);
	return result;
}

static void
try_host(
    struct request *request, const struct server *server, struct tries *tries)
{
	struct session *session = reuse_take(server);

	tries->addresses++;
	if (session != NULL) {
		tries->sessions++;
		if (use_session(request, session) == TRANSACTION_ENDED)
			return;
		tries->sessions--;
	}
	session = open_session(request, server, tries);
	if (session != NULL)
		must(use_session(request, session) == TRANSACTION_ENDED);
}

static void
try_next_hop(struct request *request, struct span text)
{
	struct tries tries = {0};
	struct next_hop next_hop;
	struct server_list list;
	const struct outcome *failure;
	struct error error;

	if (!next_hop_parse(
		text, client()->is_lmtp, client()->port, &next_hop, &error)) {
		fail(request,
		    outcome_failure(
			request->pool, &nowhere, "4.3.5", "%s", error.text));
		return;
	}
	failure = mx_find(request->pool, &next_hop, &list);
	if (failure != NULL) {
		fail(request, failure);
		return;
	}
	for (size_t i = 0; i < list.count && request_has_pending(request) &&
	     !is_exhausted(&tries);
	     i++)
		try_host(request, &list.servers[i], &tries);
}

static void
try_all(struct request *request, struct span list)
{
	struct span word;

	while (request_has_pending(request) && word_list_next(&list, &word))
		try_next_hop(request, word);
}

void
delivery_run(struct request *request)
{
	try_all(request, request->message.next_hop);
	try_all(request, span_text(client()->params.fallback_relay));
	for (size_t i = 0; i < request->count; i++) {
		struct recipient *recipient = &request->recipients[i];

		if (recipient->state == RECIPIENT_DONE)
			continue;
		request_conclude(request, recipient,
		    recipient->outcome != NULL
			? recipient->outcome
			: outcome_failure(request->pool, &nowhere, "4.3.5",
			      "there is no next hop"));
	}
}
