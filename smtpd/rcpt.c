/* SPDX-License-Identifier: MIT */
#include "smtpd/rcpt.h"

#include "lib/mail/dsn.h"

#include "smtpd/access.h"
#include "smtpd/cleanup_client.h"
#include "smtpd/mail.h"

enum {
	ORIGINAL_MAXIMUM = 1024 /* "type;address" */
};

static bool
take_notify(
    struct session *session, const struct command_path *path, uint32_t *notify)
{
	struct span value;
	unsigned bits;

	*notify = 0;
	if (!command_find_parameter(path, SPAN("NOTIFY"), &value))
		return true;
	if (!dsn_parse_notify(value, &bits)) {
		session_reply(session, 501, "5.5.4",
		    "Error: Bad NOTIFY parameter syntax");
		return false;
	}
	*notify = bits;
	return true;
}

static bool
take_orcpt(struct session *session, const struct command_path *path,
    struct span *original)
{
	struct span address;
	struct span value;
	struct span type;
	char *text;

	*original = SPAN_EMPTY;
	if (!command_find_parameter(path, SPAN("ORCPT"), &value))
		return true;
	if (value.len > DSN_ORCPT_MAXIMUM ||
	    !dsn_parse_orcpt(session->scratch, value,
		transaction_is_utf8(&session->transaction), &type, &address)) {
		session_reply(
		    session, 501, "5.5.4", "Error: Bad ORCPT parameter syntax");
		return false;
	}
	text = pool_printf(
	    session->scratch, "%.*s;%.*s", SPAN_ARGS(type), SPAN_ARGS(address));
	*original = span_head(span_text(text), ORIGINAL_MAXIMUM);
	return true;
}

static bool
parameters_are_known(struct session *session, const struct command_path *path)
{
	for (unsigned i = 0; i < path->parameter_count; i++) {
		struct span name = path->parameters[i].name;

		if (span_equal_fold(name, SPAN("NOTIFY")) ||
		    span_equal_fold(name, SPAN("ORCPT")))
			continue;
		session_reply(session, 555, "5.5.4", "Unsupported option: %.*s",
		    SPAN_ARGS(span_head(name, 64)));
		return false;
	}
	return true;
}

static bool
is_below_limit(struct session *session)
{
	const struct smtpd_params *params = session->params;
	struct transaction *transaction = &session->transaction;

	if (transaction->accepted < params->smtpd_recipient_limit)
		return true;
	session_reply(session, 452, "4.5.3", "Error: too many recipients");
	/* A client within its rights sends what it has pipelined and then the
	 * rest in another message: that is no error of its. */
	if (++transaction->refused <= params->smtpd_recipient_overshoot_limit)
		session->errors--;
	return false;
}

static void
log_client(struct session *session)
{
	session->log.queue_id = span_text(session->transaction.queue_id);
	flight_set_message(session->flight, session->log.queue_id);
	log_event(&session->log, LOG_MESSAGE_CLIENT,
	    log_text("client", span_text(session->client.name)),
	    log_text("address", span_text(session->client.ip)));
}

static void
add_recipient(struct session *session, const struct message_recipient *wanted)
{
	struct transaction *transaction = &session->transaction;
	bool is_first = transaction->cleanup == NULL;
	struct reply reply;

	cleanup_client_recipient(session, wanted, &reply);
	if (is_first && transaction->queue_id[0] != '\0')
		log_client(session);
	if (!reply_is_positive(&reply)) {
		access_log_reject(
		    session, "reject", "RCPT", &reply, wanted->address);
		session_send(session, &reply);
		return;
	}
	if (transaction->accepted++ > 0 ||
	    !pool_copy_span(transaction->pool, wanted->address,
		&transaction->first_recipient))
		transaction->first_recipient = SPAN_EMPTY;
	session_reply(session, 250, "2.1.5", "Ok");
}

void
rcpt_handle(struct session *session, const struct command *command)
{
	struct message_recipient wanted = {.original = SPAN_EMPTY};
	enum command_result result;
	struct command_path path;
	struct error error;

	if (session->transaction.in_chunks) {
		session_reply(
		    session, 503, "5.5.1", "Error: RCPT between BDAT commands");
		return;
	}
	result = command_parse_path(session->scratch, command->rest, SPAN("TO"),
	    mail_path_flags(session), &path, &error);
	/* Nobody can be called "", and no check would know what to say. */
	if (result == COMMAND_OK && path.address.local.len == 0)
		result = COMMAND_BAD_ADDRESS;
	if (result != COMMAND_OK) {
		mail_refuse_path(session, result, "RCPT", MAIL_BAD_RECIPIENT);
		return;
	}
	if (!mail_allows_utf8(session, &path.address,
		transaction_is_utf8(&session->transaction), MAIL_BAD_RECIPIENT))
		return;
	wanted.address = path.address.text;
	if (!parameters_are_known(session, &path) ||
	    !take_notify(session, &path, &wanted.notify) ||
	    !take_orcpt(session, &path, &wanted.original) ||
	    !is_below_limit(session) ||
	    !access_recipient(session, wanted.address))
		return;
	add_recipient(session, &wanted);
}
