/* SPDX-License-Identifier: MIT */
#include "smtpd/access.h"

#include <arpa/nameser.h>

#include "lib/daemon/dns_client.h"
#include "lib/loop/loop.h"
#include "lib/mail/domain.h"
#include "lib/param/word_list.h"

#include "smtpd/directory.h"
#include "smtpd/server.h"
#include "smtpd/session.h"

enum {
	RULES_MAXIMUM = 200 /* of one list */
};

/* What is being decided. */
struct access_request {
	struct session *session;
	const char *state; /* of the log line: RCPT */
	struct span hello;
	struct span sender;
	struct span recipient;        /* empty before RCPT */
	struct directory_entry entry; /* of the recipient, once asked */
	bool has_entry;
	struct reply reply; /* set by whoever refuses */
};

enum access_result {
	ACCESS_DUNNO,
	ACCESS_PERMIT,
	ACCESS_REJECT
};

typedef enum access_result (*access_check)(struct access_request *request);

struct access_rule {
	access_check check;
	bool only_warn; /* warn_if_reject stood before it */
};

/* ---- helpers of the checks ---- */

static const struct smtpd_params *
params_of(const struct access_request *request)
{
	return request->session->params;
}

static enum access_result
refuse(struct access_request *request, int64_t code, const char *detail,
    struct span subject, const char *why)
{
	char status[REPLY_STATUS_SIZE];

	snprintf(
	    status, sizeof status, "%c.%s", code >= 500 ? '5' : '4', detail);
	reply_set(&request->reply, (uint16_t)code, status, "<%.*s>: %s",
	    SPAN_ARGS(subject), why);
	return ACCESS_REJECT;
}

/* An address as it is shown in a reply, where it must not look like more. */
static struct span
quoted(const struct access_request *request, struct span address)
{
	const char *text =
	    mail_address_quote(request->session->scratch, address);

	return text == NULL ? SPAN("...") : span_text(text);
}

static const struct directory_entry *
entry_of(struct access_request *request)
{
	if (!request->has_entry)
		request->entry = directory_check(
		    request->session, request->sender, request->recipient);
	request->has_entry = true;
	return &request->entry;
}

static struct span
domain_of(struct span address)
{
	return mail_address_split(address).domain;
}

static bool
is_fully_qualified(struct span domain)
{
	return domain_is_literal(domain, NULL) ||
	    domain_is_fully_qualified(domain);
}

/* ---- generic ---- */

static enum access_result
permit(struct access_request *request UNUSED)
{
	return ACCESS_PERMIT;
}

static enum access_result
reject(struct access_request *request)
{
	struct session *session = request->session;

	reply_set(&request->reply,
	    (uint16_t)params_of(request)->access_map_reject_code, "5.7.1",
	    "<%s[%s]>: Client host rejected: Access denied",
	    session->client.name, session->client.ip);
	return ACCESS_REJECT;
}

static enum access_result
defer(struct access_request *request)
{
	struct session *session = request->session;

	reply_set(&request->reply, (uint16_t)params_of(request)->defer_code,
	    "4.7.1", "<%s[%s]>: Client host rejected: Try again later",
	    session->client.name, session->client.ip);
	return ACCESS_REJECT;
}

/* For permissions that this version never grants, such as that of
 * authenticated clients. */
static enum access_result
dunno(struct access_request *request UNUSED)
{
	return ACCESS_DUNNO;
}

static enum access_result
permit_mynetworks(struct access_request *request)
{
	return request->session->is_local ? ACCESS_PERMIT : ACCESS_DUNNO;
}

static enum access_result
permit_inet_interfaces(struct access_request *request)
{
	struct address here =
	    address_of_socket(request->session->stream.loop_fd.fd);

	return address_same_ip(&here, &request->session->client.address)
	    ? ACCESS_PERMIT
	    : ACCESS_DUNNO;
}

static enum access_result
reject_unauth_pipelining(struct access_request *request)
{
	struct session *session = request->session;

	if (session->is_esmtp || !stream_has_input(&session->stream))
		return ACCESS_DUNNO;
	reply_set(&request->reply, 503, "5.5.0",
	    "<%s>: Command rejected: Improper use of SMTP command pipelining",
	    request->state);
	return ACCESS_REJECT;
}

static enum access_result
reject_multi_recipient_bounce(struct access_request *request)
{
	const struct transaction *transaction = &request->session->transaction;
	uint32_t others = request->recipient.len > 0 ? 1 : 2;

	if (transaction->sender.text.len > 0 || transaction->accepted < others)
		return ACCESS_DUNNO;
	return refuse(request,
	    params_of(request)->multi_recipient_bounce_reject_code, "5.3",
	    quoted(request, request->sender), "Multi-recipient bounce");
}

/* ---- client ---- */

static enum access_result
refuse_client(struct access_request *request, const char *what)
{
	const struct client *client = &request->session->client;
	int64_t code = params_of(request)->unknown_client_reject_code;

	if (client->state == CLIENT_NAME_TRY_AGAIN)
		code = 450;
	reply_set(&request->reply, (uint16_t)code,
	    code >= 500 ? "5.7.25" : "4.7.25",
	    "Client host rejected: cannot find your %s, [%s]", what,
	    client->ip);
	return ACCESS_REJECT;
}

static enum access_result
reject_unknown_client_hostname(struct access_request *request)
{
	if (request->session->client.state == CLIENT_NAME_GOOD)
		return ACCESS_DUNNO;
	return refuse_client(request, "hostname");
}

static enum access_result
reject_unknown_reverse_client_hostname(struct access_request *request)
{
	enum client_name state = request->session->client.state;

	if (state == CLIENT_NAME_GOOD || state == CLIENT_NAME_FORGED)
		return ACCESS_DUNNO;
	return refuse_client(request, "reverse hostname");
}

/* ---- HELO ---- */

static enum access_result
reject_invalid_helo_hostname(struct access_request *request)
{
	if (request->hello.len == 0 ||
	    domain_is_literal(request->hello, NULL) ||
	    domain_is_hostname(request->hello, false, NULL))
		return ACCESS_DUNNO;
	return refuse(request, params_of(request)->invalid_hostname_reject_code,
	    "5.2", request->hello, "Helo command rejected: Invalid name");
}

static enum access_result
reject_non_fqdn_helo_hostname(struct access_request *request)
{
	if (request->hello.len == 0 || is_fully_qualified(request->hello))
		return ACCESS_DUNNO;
	return refuse(request, params_of(request)->non_fqdn_reject_code, "5.2",
	    request->hello,
	    "Helo command rejected: need fully-qualified hostname");
}

/* A domain that does not exist gets `code`, one that DNS cannot tell gets
 * 450. */
static enum access_result
check_domain(struct access_request *request, struct span subject,
    struct span domain, int64_t code, const char *words[3])
{
	switch (dns_has_mail_host(request->session->scratch, domain)) {
	case DNS_FOUND:
		return ACCESS_DUNNO;
	case DNS_TRY_AGAIN:
		return refuse(request, 450, words[0], subject, words[1]);
	case DNS_NO_NAME:
	case DNS_NO_DATA:
	case DNS_REFUSED:
		break;
	}
	return refuse(request, code, words[0], subject, words[2]);
}

static enum access_result
reject_unknown_helo_hostname(struct access_request *request)
{
	const char *words[] = {"7.1",
	    "Helo command rejected: Host not found, try again",
	    "Helo command rejected: Host not found"};

	if (request->hello.len == 0 || domain_is_literal(request->hello, NULL))
		return ACCESS_DUNNO;
	return check_domain(request, request->hello, request->hello,
	    params_of(request)->unknown_hostname_reject_code, words);
}

/* ---- sender and recipient ---- */

static enum access_result
reject_non_fqdn_sender(struct access_request *request)
{
	if (request->sender.len == 0 ||
	    is_fully_qualified(domain_of(request->sender)))
		return ACCESS_DUNNO;
	return refuse(request, params_of(request)->non_fqdn_reject_code, "5.2",
	    quoted(request, request->sender),
	    "Sender address rejected: need fully-qualified address");
}

static enum access_result
reject_non_fqdn_recipient(struct access_request *request)
{
	if (request->recipient.len == 0 ||
	    is_fully_qualified(domain_of(request->recipient)) ||
	    span_equal_fold(request->recipient, SPAN("postmaster")))
		return ACCESS_DUNNO;
	return refuse(request, params_of(request)->non_fqdn_reject_code, "5.2",
	    quoted(request, request->recipient),
	    "Recipient address rejected: need fully-qualified address");
}

static enum access_result
reject_unknown_sender_domain(struct access_request *request)
{
	const char *words[] = {"1.8",
	    "Sender address rejected: Domain not found, try again",
	    "Sender address rejected: Domain not found"};
	struct span domain = domain_of(request->sender);

	if (domain.len == 0 || domain_is_literal(domain, NULL))
		return ACCESS_DUNNO;
	return check_domain(request, quoted(request, request->sender), domain,
	    params_of(request)->unknown_address_reject_code, words);
}

static enum access_result
reject_unknown_recipient_domain(struct access_request *request)
{
	const char *words[] = {"1.2",
	    "Recipient address rejected: Domain not found, try again",
	    "Recipient address rejected: Domain not found"};
	struct span domain = domain_of(request->recipient);

	if (domain.len == 0 || domain_is_literal(domain, NULL) ||
	    entry_of(request)->class != DIRECTORY_DEFAULT)
		return ACCESS_DUNNO;
	return check_domain(request, quoted(request, request->recipient),
	    domain, params_of(request)->unknown_address_reject_code, words);
}

static enum access_result
refuse_lookup(struct access_request *request)
{
	return refuse(request, 451, "3.0", quoted(request, request->recipient),
	    "Temporary lookup failure");
}

static bool
is_destination(const struct directory_entry *entry)
{
	return entry->class != DIRECTORY_DEFAULT;
}

static enum access_result
permit_auth_destination(struct access_request *request)
{
	if (request->recipient.len == 0)
		return ACCESS_DUNNO;
	if (entry_of(request)->result == DIRECTORY_TRY_AGAIN)
		return refuse_lookup(request);
	return is_destination(entry_of(request)) ? ACCESS_PERMIT : ACCESS_DUNNO;
}

static enum access_result
require_destination(struct access_request *request, int64_t code)
{
	if (request->recipient.len == 0)
		return ACCESS_DUNNO;
	if (entry_of(request)->result == DIRECTORY_TRY_AGAIN)
		return refuse_lookup(request);
	if (is_destination(entry_of(request)))
		return ACCESS_DUNNO;
	return refuse(request, code, "7.1", quoted(request, request->recipient),
	    "Relay access denied");
}

static enum access_result
reject_unauth_destination(struct access_request *request)
{
	return require_destination(
	    request, params_of(request)->relay_domains_reject_code);
}

static enum access_result
defer_unauth_destination(struct access_request *request)
{
	return require_destination(request, 454);
}

static enum access_result
reject_unlisted_recipient(struct access_request *request)
{
	static const struct {
		size_t code_offset;
		const char *why;
	} classes[] = {
	    [DIRECTORY_LOCAL] = {offsetof(struct smtpd_params,
				     unknown_local_recipient_reject_code),
		"Recipient address rejected: "
		"User unknown in local recipient table"},
	    [DIRECTORY_VIRTUAL_ALIAS] = {offsetof(struct smtpd_params,
					     unknown_virtual_alias_reject_code),
		"Recipient address rejected: "
		"User unknown in virtual alias table"},
	    [DIRECTORY_VIRTUAL_MAILBOX] =
		{offsetof(
		     struct smtpd_params, unknown_virtual_mailbox_reject_code),
		    "Recipient address rejected: "
		    "User unknown in virtual mailbox table"},
	    [DIRECTORY_RELAY] = {offsetof(struct smtpd_params,
				     unknown_relay_recipient_reject_code),
		"Recipient address rejected: "
		"User unknown in relay recipient table"},
	};
	const struct directory_entry *entry;
	int64_t code;

	if (request->recipient.len == 0)
		return ACCESS_DUNNO;
	entry = entry_of(request);
	if (entry->result == DIRECTORY_TRY_AGAIN)
		return refuse_lookup(request);
	if (entry->result == DIRECTORY_KNOWN ||
	    entry->class >= COUNT_OF(classes))
		return ACCESS_DUNNO;
	memcpy(&code,
	    (const char *)params_of(request) +
		classes[entry->class].code_offset,
	    sizeof code);
	return refuse(request, code, "1.1", quoted(request, request->recipient),
	    classes[entry->class].why);
}

/* ---- the table ---- */

enum restriction_kind {
	KIND_PLAIN,
	KIND_CLOSES, /* refuses destinations that are not ours */
	KIND_WARN    /* turns the next one into a warning */
};

static const struct restriction {
	const char *name;
	access_check check;
	enum restriction_kind kind;
} restrictions[] = {
    {"permit", permit, KIND_PLAIN},
    {"reject", reject, KIND_CLOSES},
    {"defer", defer, KIND_CLOSES},
    {"warn_if_reject", NULL, KIND_WARN},
    {"permit_mynetworks", permit_mynetworks, KIND_PLAIN},
    {"permit_inet_interfaces", permit_inet_interfaces, KIND_PLAIN},
    {"permit_sasl_authenticated", dunno, KIND_PLAIN},
    {"permit_tls_clientcerts", dunno, KIND_PLAIN},
    {"permit_tls_all_clientcerts", dunno, KIND_PLAIN},
    {"permit_mx_backup", dunno, KIND_PLAIN},
    {"permit_auth_destination", permit_auth_destination, KIND_PLAIN},
    {"reject_unauth_destination", reject_unauth_destination, KIND_CLOSES},
    {"defer_unauth_destination", defer_unauth_destination, KIND_CLOSES},
    {"reject_unauth_pipelining", reject_unauth_pipelining, KIND_PLAIN},
    {"reject_multi_recipient_bounce", reject_multi_recipient_bounce,
	KIND_PLAIN},
    {"reject_unknown_client_hostname", reject_unknown_client_hostname,
	KIND_PLAIN},
    {"reject_unknown_client", reject_unknown_client_hostname, KIND_PLAIN},
    {"reject_unknown_reverse_client_hostname",
	reject_unknown_reverse_client_hostname, KIND_PLAIN},
    {"reject_invalid_helo_hostname", reject_invalid_helo_hostname, KIND_PLAIN},
    {"reject_invalid_hostname", reject_invalid_helo_hostname, KIND_PLAIN},
    {"reject_non_fqdn_helo_hostname", reject_non_fqdn_helo_hostname,
	KIND_PLAIN},
    {"reject_non_fqdn_hostname", reject_non_fqdn_helo_hostname, KIND_PLAIN},
    {"reject_unknown_helo_hostname", reject_unknown_helo_hostname, KIND_PLAIN},
    {"reject_unknown_hostname", reject_unknown_helo_hostname, KIND_PLAIN},
    {"reject_non_fqdn_sender", reject_non_fqdn_sender, KIND_PLAIN},
    {"reject_non_fqdn_recipient", reject_non_fqdn_recipient, KIND_PLAIN},
    {"reject_unknown_sender_domain", reject_unknown_sender_domain, KIND_PLAIN},
    {"reject_unknown_recipient_domain", reject_unknown_recipient_domain,
	KIND_PLAIN},
    {"reject_unlisted_recipient", reject_unlisted_recipient, KIND_PLAIN},
};

static const struct restriction *
find_restriction(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(restrictions); i++)
		if (span_equal_fold(span_text(restrictions[i].name), name))
			return &restrictions[i];
	return NULL;
}

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
		const struct restriction *found = find_restriction(word);

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
	    reject_unlisted_recipient(request) != ACCESS_REJECT)
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
