/* SPDX-License-Identifier: MIT */
#include "smtpd/access.h"

#include "lib/param/word_list.h"

#include "smtpd/access_check.h"
#include "smtpd/server.h"
#include "smtpd/session.h"

enum {
	RULES_MAXIMUM = 200 /* of one list */
};

struct access_rule {
	access_check check;
	bool only_warn; /* warn_if_reject stood before it */
};

static bool
parse_list(struct pool *pool, const char *parameter, const char *text,
    struct access_list *list, bool *closes, struct error *error)
{
	struct access_rule *rules =
	    pool_alloc(pool, RULES_MAXIMUM * sizeof *rules);
	struct span rest = span_text(text);
	struct span word;
	bool only_warn = false;

	must(rules != NULL);
	*list = (struct access_list){rules, 0};
	while (word_list_next(&rest, &word)) {
		const struct restriction *found = restriction_find(word);

		if (found == NULL)
			return error_set(error, ERROR_INVALID,
			    "%s: restriction \"%.*s\" is unknown or not "
			    "supported by this version",
			    parameter, SPAN_ARGS(word));
		if (list->count == RULES_MAXIMUM)
			return error_set(error, ERROR_LIMIT,
			    "%s: more than %d restrictions", parameter,
			    RULES_MAXIMUM);
		if (found->kind == KIND_WARN) {
			only_warn = true;
			continue;
		}
		*closes |= found->kind == KIND_CLOSES && !only_warn;
		rules[list->count++] =
		    (struct access_rule){found->check, only_warn};
		only_warn = false;
	}
	return true;
}

bool
access_open(struct access_lists *lists, struct pool *pool,
    const struct smtpd_params *params, struct error *error)
{
	bool any = false;
	bool closed = false;

	if (!parse_list(pool, "smtpd_client_restrictions",
		params->smtpd_client_restrictions, &lists->client, &any,
		error) ||
	    !parse_list(pool, "smtpd_helo_restrictions",
		params->smtpd_helo_restrictions, &lists->hello, &any, error) ||
	    !parse_list(pool, "smtpd_sender_restrictions",
		params->smtpd_sender_restrictions, &lists->sender, &any,
		error) ||
	    !parse_list(pool, "smtpd_data_restrictions",
		params->smtpd_data_restrictions, &lists->data, &any, error) ||
	    !parse_list(pool, "smtpd_end_of_data_restrictions",
		params->smtpd_end_of_data_restrictions, &lists->end_of_data,
		&any, error) ||
	    !parse_list(pool, "smtpd_relay_restrictions",
		params->smtpd_relay_restrictions, &lists->relay, &closed,
		error) ||
	    !parse_list(pool, "smtpd_recipient_restrictions",
		params->smtpd_recipient_restrictions, &lists->recipient,
		&closed, error))
		return false;
	return closed ||
	    error_set(error, ERROR_INVALID,
		"smtpd_relay_restrictions and smtpd_recipient_restrictions "
		"would relay for anyone: one of them needs "
		"reject_unauth_destination, defer_unauth_destination, reject "
		"or defer");
}

/* ---- walking the lists ---- */

void
access_log_reject(struct session *session, const char *action,
    const char *state, const struct reply *reply, struct span recipient)
{
	const struct transaction *transaction = &session->transaction;
	struct span hello = span_text(session->hello);
	struct buf line;

	buf_init(&line, 2 * REPLY_TEXT_SIZE);
	reply_append_line(&line, reply);
	log_event(&session->log, LOG_REJECT,
	    log_text("action", span_text(action)),
	    log_text("state", span_text(state)),
	    log_text("client", span_text(session->client.name)),
	    log_text("address", span_text(session->client.ip)),
	    log_text("reply", buf_span(&line)),
	    log_address(transaction->has_sender ? "from" : NULL,
		transaction->sender.text),
	    log_address(recipient.len > 0 ? "to" : NULL, recipient),
	    log_text("proto", span_text(session_protocol(session))),
	    log_optional("helo", hello));
	buf_finish(&line);
}

static enum access_result
walk(struct access_request *request, const struct access_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct access_rule *rule = &list->rules[i];
		enum access_result result = rule->check(request);

		if (result == ACCESS_REJECT && rule->only_warn)
			access_log_reject(request->session, "reject_warning",
			    request->state, &request->reply,
			    request->recipient);
		else if (result != ACCESS_DUNNO)
			return result;
	}
	return ACCESS_DUNNO;
}

static struct access_request
request_of(struct session *session, const char *state)
{
	return (struct access_request){
	    .session = session,
	    .state = state,
	    .hello = span_text(session->hello),
	    .sender = session->transaction.sender.text,
	};
}

/* Each list decides for itself: a permit ends only its own. */
static bool
decide(struct access_request *request, const struct access_list *const *lists,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (walk(request, lists[i]) == ACCESS_REJECT) {
			access_log_reject(request->session, "reject",
			    request->state, &request->reply,
			    request->recipient);
			session_send(request->session, &request->reply);
			return false;
		}
	return true;
}

bool
access_client(struct session *session)
{
	const struct access_list *lists[] = {&server()->access.client};
	struct access_request request = request_of(session, "CONNECT");

	return session->params->smtpd_delay_reject ||
	    decide(&request, lists, COUNT_OF(lists));
}

bool
access_hello(struct session *session, struct span name)
{
	const struct access_list *lists[] = {&server()->access.hello};
	struct access_request request =
	    request_of(session, verb_name(session->last_verb));

	request.hello = name;
	return session->params->smtpd_delay_reject ||
	    decide(&request, lists, COUNT_OF(lists));
}

bool
access_sender(struct session *session, struct span sender)
{
	const struct access_list *lists[] = {&server()->access.sender};
	struct access_request request = request_of(session, "MAIL");

	request.sender = sender;
	return session->params->smtpd_delay_reject ||
	    decide(&request, lists, COUNT_OF(lists));
}

static bool
check_unlisted(struct access_request *request)
{
	if (!request->session->params->smtpd_reject_unlisted_recipient ||
	    restriction_check_listed(request) != ACCESS_REJECT)
		return true;
	access_log_reject(request->session, "reject", request->state,
	    &request->reply, request->recipient);
	session_send(request->session, &request->reply);
	return false;
}

bool
access_recipient(struct session *session, struct span recipient)
{
	const struct access_lists *all = &server()->access;
	const struct smtpd_params *params = session->params;
	bool relay_first = params->smtpd_relay_before_recipient_restrictions;
	const struct access_list *delayed[] = {
	    &all->client, &all->hello, &all->sender};
	const struct access_list *own[] = {
	    relay_first ? &all->relay : &all->recipient,
	    relay_first ? &all->recipient : &all->relay};
	struct access_request request = request_of(session, "RCPT");

	request.recipient = recipient;
	if (params->smtpd_delay_reject &&
	    !decide(&request, delayed, COUNT_OF(delayed)))
		return false;
	return decide(&request, own, COUNT_OF(own)) && check_unlisted(&request);
}

bool
access_data(struct session *session, enum verb verb)
{
	const struct access_list *lists[] = {&server()->access.data};
	struct access_request request = request_of(session, verb_name(verb));

	return decide(&request, lists, COUNT_OF(lists));
}

bool
access_end_of_data(struct session *session)
{
	const struct access_list *lists[] = {&server()->access.end_of_data};
	struct access_request request = request_of(session, "END-OF-MESSAGE");

	return decide(&request, lists, COUNT_OF(lists));
}
