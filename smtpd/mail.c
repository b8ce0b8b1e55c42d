/* SPDX-License-Identifier: MIT */
#include "smtpd/mail.h"

#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/daemon/service.h"
#include "lib/mail/dsn.h"
#include "lib/net/idna.h"

#include "smtpd/access.h"
#include "smtpd/hello.h"

unsigned
mail_path_flags(const struct session *session)
{
	unsigned flags = 0;

	if (!session->params->strict_rfc821_envelopes)
		flags |= PATH_LENIENT;
	if (service_common()->smtputf8_enable)
		flags |= PATH_UTF8;
	return flags;
}

static void
refuse_address(struct session *session, const char *status)
{
	session_reply(session, 501, status, "Bad %s address syntax",
	    strcmp(status, MAIL_BAD_SENDER) == 0 ? "sender" : "recipient");
}

bool
mail_allows_utf8(struct session *session, const struct mail_address *address,
    bool requested, const char *status)
{
	char ascii[IDNA_NAME_SIZE];

	if (text_is_ascii(address->text))
		return true;
	if (!requested && session->params->strict_smtputf8) {
		session_reply(session, 553, "5.6.7",
		    "Non-ASCII address needs SMTPUTF8 in MAIL FROM");
		return false;
	}
	if (text_is_ascii(address->domain) ||
	    idna_to_ascii(address->domain, ascii, NULL))
		return true;
	refuse_address(session, status);
	return false;
}

void
mail_refuse_path(struct session *session, enum command_result result,
    const char *verb, const char *status)
{
	bool is_mail = verb[0] == 'M';

	switch (result) {
	case COMMAND_OK:
		must(false);
		break;
	case COMMAND_BAD_SYNTAX:
		session_reply(session, 501, "5.5.4", "Syntax: %s:<address>",
		    is_mail ? "MAIL FROM" : "RCPT TO");
		break;
	case COMMAND_BAD_ADDRESS:
		refuse_address(session, status);
		break;
	case COMMAND_BAD_PARAMETER:
		session_reply(
		    session, 501, "5.5.4", "Error: malformed parameter");
		break;
	}
}

static bool
take_size(struct session *session, struct span value)
{
	uint64_t limit = (uint64_t)service_common()->message_size_limit;
	uint64_t size;

	if (!number_parse(value, INT64_MAX, &size)) {
		session_reply(
		    session, 501, "5.5.4", "Error: bad message size syntax");
		return false;
	}
	if (limit > 0 && size > limit) {
		session_reply(
		    session, 552, "5.3.4", "Message size exceeds fixed limit");
		return false;
	}
	session->transaction.size = size;
	return true;
}

static bool
take_body(struct session *session, struct span value)
{
	if (span_equal_fold(value, SPAN("8BITMIME")))
		session->transaction.flags |= MESSAGE_FLAG_8BIT;
	else if (!span_equal_fold(value, SPAN("7BIT"))) {
		session_reply(
		    session, 501, "5.5.4", "Error: bad BODY parameter");
		return false;
	}
	return true;
}

static bool
take_ret(struct session *session, struct span value)
{
	enum dsn_return wanted;

	if (session->transaction.ret != RET_NOT_GIVEN ||
	    !dsn_parse_return(value, &wanted)) {
		session_reply(
		    session, 501, "5.5.4", "Bad RET parameter syntax");
		return false;
	}
	session->transaction.ret =
	    wanted == DSN_RETURN_FULL ? RET_FULL : RET_HEADERS;
	return true;
}

static bool
take_envid(struct session *session, struct span value)
{
	struct transaction *transaction = &session->transaction;

	if (transaction->envelope_id.len > 0 || !dsn_envid_is_valid(value)) {
		session_reply(
		    session, 501, "5.5.4", "Bad ENVID parameter syntax");
		return false;
	}
	if (pool_copy_span(transaction->pool, value, &transaction->envelope_id))
		return true;
	session_reply(session, 452, "4.3.1", "Insufficient system storage");
	return false;
}

/* RFC 6531 3.4: a keyword without a value. */
static bool
take_smtputf8(struct session *session, struct span value)
{
	if (!hello_offers(session, "SMTPUTF8")) {
		session_reply(
		    session, 555, "5.5.4", "Unsupported option: SMTPUTF8");
		return false;
	}
	if (value.len > 0) {
		session_reply(
		    session, 501, "5.5.4", "Error: SMTPUTF8 takes no value");
		return false;
	}
	session->transaction.flags |= MESSAGE_FLAG_SMTPUTF8;
	return true;
}

/* RFC 4954 5: from a client that did not authenticate it says nothing. */
static bool
take_auth(struct session *session UNUSED, struct span value UNUSED)
{
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct session *session, struct span value);
} parameters[] = {
    {"SIZE", take_size},
    {"BODY", take_body},
    {"RET", take_ret},
    {"ENVID", take_envid},
    {"AUTH", take_auth},
    {"SMTPUTF8", take_smtputf8},
};

static bool
take_parameter(
    struct session *session, const struct command_parameter *parameter)
{
	for (size_t i = 0; i < COUNT_OF(parameters); i++)
		if (span_equal_fold(
			parameter->name, span_text(parameters[i].name)))
			return parameters[i].take(session, parameter->value);
	session_reply(session, 555, "5.5.4", "Unsupported option: %.*s",
	    SPAN_ARGS(span_head(parameter->name, 64)));
	return false;
}

static bool
begin_transaction(struct session *session, const struct command_path *path)
{
	struct transaction *transaction = &session->transaction;
	struct span text;

	transaction_begin(transaction, session->pool);
	if (!pool_copy_span(transaction->pool, path->address.text, &text)) {
		session_reply(
		    session, 452, "4.3.1", "Insufficient system storage");
		return false;
	}
	transaction->sender = mail_address_split(text);
	for (unsigned i = 0; i < path->parameter_count; i++)
		if (!take_parameter(session, &path->parameters[i]))
			return false;
	return true;
}

void
mail_handle(struct session *session, const struct command *command)
{
	enum command_result result;
	struct command_path path;
	struct span value;
	struct error error;

	if (session->hello == NULL && session->params->smtpd_helo_required) {
		session_reply(
		    session, 503, "5.5.1", "Error: send HELO/EHLO first");
		return;
	}
	result = command_parse_path(session->scratch, command->rest,
	    SPAN("FROM"), mail_path_flags(session) | PATH_NULL, &path, &error);
	if (result != COMMAND_OK) {
		mail_refuse_path(session, result, "MAIL", MAIL_BAD_SENDER);
		return;
	}
	if (!mail_allows_utf8(session, &path.address,
		command_find_parameter(&path, SPAN("SMTPUTF8"), &value),
		MAIL_BAD_SENDER))
		return;
	if (!access_sender(session, path.address.text))
		return;
	if (!begin_transaction(session, &path)) {
		session_reset(session);
		return;
	}
	session_reply(session, 250, "2.1.0", "Ok");
}
