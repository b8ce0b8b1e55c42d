/* SPDX-License-Identifier: MIT */
#include "smtpd/access_check.h"

#include <arpa/nameser.h>

#include "lib/daemon/dns_client.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"
#include "lib/mail/domain.h"

#include "smtpd/session.h"

enum {
	NO_SUCH_RECIPIENT = 550
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

/* Of the classes whose recipients are known: the reply code and the table. */
static const struct unlisted {
	size_t code; /* offset in struct smtpd_params */
	const char *table;
} unlisted[] = {
    [DIRECTORY_LOCAL] = {offsetof(struct smtpd_params,
			     unknown_local_recipient_reject_code),
	"local recipient"},
    [DIRECTORY_VIRTUAL_ALIAS] = {offsetof(struct smtpd_params,
				     unknown_virtual_alias_reject_code),
	"virtual alias"},
    [DIRECTORY_VIRTUAL_MAILBOX] = {offsetof(struct smtpd_params,
				       unknown_virtual_mailbox_reject_code),
	"virtual mailbox"},
    [DIRECTORY_RELAY] = {offsetof(struct smtpd_params,
			     unknown_relay_recipient_reject_code),
	"relay recipient"},
};

static int64_t
unlisted_code(const struct access_request *request, enum directory_class class)
{
	int64_t code;

	memcpy(&code, (const char *)params_of(request) + unlisted[class].code,
	    sizeof code);
	return code;
}

/* The route says itself why nothing can be sent there: "5.1.6 User has moved to
 * ...". */
static enum access_result
refuse_by_route(struct access_request *request)
{
	struct reply_status status = {5, 1, 1};
	struct span why = entry_of(request)->text;
	char text[REPLY_STATUS_SIZE];

	(void)reply_parse_status(&why, &status);
	reply_set(&request->reply, NO_SUCH_RECIPIENT,
	    reply_format_status(status, text),
	    "<%.*s>: Recipient address rejected: %.*s",
	    SPAN_ARGS(quoted(request, request->recipient)), SPAN_ARGS(why));
	return ACCESS_REJECT;
}

enum access_result
restriction_check_listed(struct access_request *request)
{
	const struct directory_entry *entry;
	const struct unlisted *row;
	char why[100];

	if (request->recipient.len == 0)
		return ACCESS_DUNNO;
	entry = entry_of(request);
	if (entry->result == DIRECTORY_TRY_AGAIN)
		return refuse_lookup(request);
	if (entry->result == DIRECTORY_KNOWN)
		return ACCESS_DUNNO;
	if (entry->text.len > 0 && entry->class != DIRECTORY_VIRTUAL_ALIAS)
		return refuse_by_route(request);
	if (entry->class >= COUNT_OF(unlisted))
		return ACCESS_DUNNO;
	row = &unlisted[entry->class];
	snprintf(why, sizeof why, "Recipient address rejected: User unknown");
	if (service_common()->show_user_unknown_table_name)
		snprintf(why, sizeof why,
		    "Recipient address rejected: User unknown in %s table",
		    row->table);
	return refuse(request, unlisted_code(request, entry->class), "1.1",
	    quoted(request, request->recipient), why);
}

/* ---- the table ---- */

static const struct restriction restrictions[] = {
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
    {"reject_unlisted_recipient", restriction_check_listed, KIND_PLAIN},
};

const struct restriction *
restriction_find(struct span name)
{
	for (size_t i = 0; i < COUNT_OF(restrictions); i++)
		if (span_equal_fold(span_text(restrictions[i].name), name))
			return &restrictions[i];
	return NULL;
}
