/* SPDX-License-Identifier: MIT */
#include "pickup/envelope.h"

#include "lib/base/number.h"
#include "lib/daemon/service.h"
#include "lib/mail/dsn.h"
#include "lib/mail/xtext.h"

enum {
	FULL_NAME_MAXIMUM = 256 /* bytes */
};

static bool
refuse_syntax(struct session *session, const char *what)
{
	session_reply(
	    session, 501, "5.5.4", "Error: bad %s parameter syntax", what);
	return false;
}

static bool
refuse_memory(struct session *session)
{
	session_reply(session, 452, "4.3.1", "Insufficient system storage");
	return false;
}

static bool
take_size(struct session *session, struct span value)
{
	uint64_t limit = (uint64_t)service_common()->message_size_limit;
	uint64_t size;

	if (!number_parse(value, INT64_MAX, &size))
		return refuse_syntax(session, "SIZE");
	if (limit == 0 || size <= limit)
		return true;
	session_reply(
	    session, 552, "5.3.4", "Message size exceeds fixed limit");
	return false;
}

static bool
take_body(struct session *session, struct span value)
{
	if (span_equal_fold(value, SPAN("8BITMIME")))
		session->transaction.flags |= MESSAGE_FLAG_8BIT;
	else if (!span_equal_fold(value, SPAN("7BIT")))
		return refuse_syntax(session, "BODY");
	return true;
}

static bool
take_ret(struct session *session, struct span value)
{
	enum dsn_return wanted;

	if (!dsn_parse_return(value, &wanted))
		return refuse_syntax(session, "RET");
	session->transaction.ret =
	    wanted == DSN_RETURN_FULL ? RET_FULL : RET_HEADERS;
	return true;
}

static bool
take_envid(struct session *session, struct span value)
{
	struct transaction *transaction = &session->transaction;

	if (!dsn_envid_is_valid(value))
		return refuse_syntax(session, "ENVID");
	return pool_copy_span(
		   transaction->pool, value, &transaction->envelope_id) ||
	    refuse_memory(session);
}

static bool
take_full_name(struct session *session, struct span value)
{
	struct transaction *transaction = &session->transaction;
	struct buf name;
	bool decoded, kept;

	buf_init(&name, FULL_NAME_MAXIMUM);
	decoded = xtext_decode(&name, value);
	kept = decoded &&
	    pool_copy_span(
		transaction->pool, buf_span(&name), &transaction->full_name);
	buf_finish(&name);
	if (!decoded)
		return refuse_syntax(session, "XFULLNAME");
	return kept || refuse_memory(session);
}

static bool
take_user(struct session *session, struct span value UNUSED)
{
	const struct submitter *submitter = &session->submitter;

	if (submitter->has_name) {
		session->transaction.sender = submitter->name;
		return true;
	}
	session_reply(session, 550, "5.1.8",
	    "no login name found for user ID %u", (unsigned)submitter->uid);
	return false;
}

static bool
take_smtputf8(struct session *session, struct span value)
{
	if (!service_common()->smtputf8_enable || value.len > 0)
		return refuse_syntax(session, "SMTPUTF8");
	session->transaction.flags |= MESSAGE_FLAG_SMTPUTF8;
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct session *session, struct span value);
} mail_parameters[] = {
    {"SIZE", take_size},
    {"BODY", take_body},
    {"RET", take_ret},
    {"ENVID", take_envid},
    {"SMTPUTF8", take_smtputf8},
    {"XFULLNAME", take_full_name},
    {"XUSER", take_user},
};

static bool
refuse_parameter(struct session *session, struct span name)
{
	session_reply(session, 555, "5.5.4", "Unsupported option: %.*s",
	    SPAN_ARGS(span_head(name, 64)));
	return false;
}

static bool
take_mail_parameter(
    struct session *session, const struct command_parameter *parameter)
{
	for (size_t i = 0; i < COUNT_OF(mail_parameters); i++)
		if (span_equal_fold(
			parameter->name, span_text(mail_parameters[i].name)))
			return mail_parameters[i].take(
			    session, parameter->value);
	return refuse_parameter(session, parameter->name);
}

/* Programs on this machine need not say SMTPUTF8: cleanup finds out. */
static unsigned
path_flags(bool is_mail)
{
	unsigned flags = PATH_LENIENT;

	if (is_mail)
		flags |= PATH_NULL;
	if (service_common()->smtputf8_enable)
		flags |= PATH_UTF8;
	return flags;
}

/* Reads the path and the parameters' syntax; answers when it cannot. */
static bool
parse_path(struct session *session, const struct command *command, bool is_mail,
    struct command_path *path)
{
	struct error error = {.kind = ERROR_NONE};
	enum command_result result = command_parse_path(session->scratch,
	    command->rest, is_mail ? SPAN("FROM") : SPAN("TO"),
	    path_flags(is_mail), path, &error);

	if (result == COMMAND_OK)
		return true;
	if (error.kind == ERROR_LIMIT && result != COMMAND_BAD_ADDRESS)
		return refuse_memory(session);
	if (result == COMMAND_BAD_ADDRESS)
		session_reply(session, 501, is_mail ? "5.1.7" : "5.1.3",
		    "Bad %s address syntax", is_mail ? "sender" : "recipient");
	else
		session_reply(session, 501, "5.5.4",
		    "Syntax: %s:<address> [parameters]",
		    is_mail ? "MAIL FROM" : "RCPT TO");
	return false;
}

static bool
begin(struct session *session, const struct command_path *path)
{
	struct transaction *transaction = &session->transaction;

	transaction_begin(transaction, session->pool);
	transaction->full_name = session->submitter.full_name;
	if (!pool_copy_span(
		transaction->pool, path->address.text, &transaction->sender))
		return refuse_memory(session);
	for (unsigned i = 0; i < path->parameter_count; i++)
		if (!take_mail_parameter(session, &path->parameters[i]))
			return false;
	transaction->has_sender = true;
	return true;
}

void
envelope_mail(struct session *session, const struct command *command)
{
	struct command_path path;

	if (!session->has_greeted) {
		session_reply(
		    session, 503, "5.5.1", "Error: send HELO/EHLO first");
		return;
	}
	if (session->transaction.has_sender) {
		session_reply(
		    session, 503, "5.5.1", "Error: nested MAIL command");
		return;
	}
	if (!parse_path(session, command, true, &path))
		return;
	if (begin(session, &path))
		session_reply(session, 250, "2.1.0", "Ok");
	else
		transaction_reset(&session->transaction);
}

static bool
take_notify(struct session *session, struct span value,
    struct message_recipient *recipient)
{
	unsigned bits;

	if (!dsn_parse_notify(value, &bits))
		return refuse_syntax(session, "NOTIFY");
	recipient->notify = bits;
	return true;
}

static bool
take_orcpt(struct session *session, struct span value,
    struct message_recipient *recipient)
{
	struct span type, address;
	char *text;

	if (value.len > DSN_ORCPT_MAXIMUM ||
	    !dsn_parse_orcpt(session->scratch, value,
		service_common()->smtputf8_enable, &type, &address))
		return refuse_syntax(session, "ORCPT");
	text = pool_printf(
	    session->scratch, "%.*s;%.*s", SPAN_ARGS(type), SPAN_ARGS(address));
	recipient->original = span_text(text);
	return text != NULL || refuse_memory(session);
}

static const struct {
	const char *name;
	bool (*take)(struct session *session, struct span value,
	    struct message_recipient *recipient);
} rcpt_parameters[] = {
    {"NOTIFY", take_notify},
    {"ORCPT", take_orcpt},
};

static bool
take_rcpt_parameter(struct session *session,
    const struct command_parameter *parameter,
    struct message_recipient *recipient)
{
	for (size_t i = 0; i < COUNT_OF(rcpt_parameters); i++)
		if (span_equal_fold(
			parameter->name, span_text(rcpt_parameters[i].name)))
			return rcpt_parameters[i].take(
			    session, parameter->value, recipient);
	return refuse_parameter(session, parameter->name);
}

void
envelope_rcpt(struct session *session, const struct command *command)
{
	struct message_recipient recipient = {.original = SPAN_EMPTY};
	struct command_path path;
	struct reply reply;

	if (!session->transaction.has_sender) {
		session_reply(
		    session, 503, "5.5.1", "Error: need MAIL command");
		return;
	}
	if (!parse_path(session, command, false, &path))
		return;
	for (unsigned i = 0; i < path.parameter_count; i++)
		if (!take_rcpt_parameter(
			session, &path.parameters[i], &recipient))
			return;
	recipient.address = path.address.text;
	transaction_add_recipient(
	    &session->transaction, &session->submitter, &recipient, &reply);
	session_send(session, &reply);
}
