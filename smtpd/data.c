/* SPDX-License-Identifier: MIT */
#include "smtpd/data.h"

#include "lib/daemon/service.h"

#include "smtpd/access.h"
#include "smtpd/cleanup_client.h"
#include "smtpd/received.h"
#include "smtpd/server.h"

enum {
	OUTGOING_STEP = 32 << 10 /* collected before it is sent */
};

static bool
take_run(void *owner, enum content_part part UNUSED, struct span run)
{
	struct session *session = owner;
	struct transaction *transaction = &session->transaction;

	must(buf_append_span(&transaction->outgoing, run));
	return transaction->outgoing.len < OUTGOING_STEP ||
	    cleanup_client_content(session);
}

static enum content_bare
bare_policy(const struct session *session)
{
	unsigned wanted = session->params->smtpd_forbid_bare_newline;

	if (wanted != BARE_NEWLINE_REJECT ||
	    server_forgives_newlines(&session->client.address))
		return CONTENT_BARE_NORMALIZE;
	return CONTENT_BARE_REJECT;
}

static void
begin_content(struct session *session, enum content_mode mode)
{
	struct transaction *transaction = &session->transaction;
	struct content_options options = {
	    .mode = mode,
	    .bare = bare_policy(session),
	    .maximum = (uint64_t)service_common()->message_size_limit,
	    .sink = take_run,
	    .owner = session,
	};

	content_init(&transaction->content, &options);
	received_append(session, &transaction->outgoing);
}

static void
refuse_content(const struct session *session, struct reply *reply)
{
	const struct content *content = &session->transaction.content;

	switch (content->fault) {
	case CONTENT_GOOD:
		must(false);
		break;
	case CONTENT_BARE:
		reply_set(reply,
		    (uint16_t)
			session->params->smtpd_forbid_bare_newline_reject_code,
		    "5.5.2", "%s Error: bare <%s> received",
		    service_common()->myhostname,
		    content->bare_lf ? "LF" : "CR");
		break;
	case CONTENT_TOO_LARGE:
		reply_set(reply, 552, "5.3.4", "Error: message file too big");
		break;
	case CONTENT_SINK:
		reply_set(reply, 451, "4.3.0", "Error: queue file write error");
		break;
	}
}

static void
note_bare(struct session *session)
{
	const struct content *content = &session->transaction.content;

	if (session->params->smtpd_forbid_bare_newline == BARE_NEWLINE_NOTE &&
	    (content->bare_lf || content->bare_cr))
		log_info(&session->log,
		    "disconnect: bare <%s> received from %s[%s]",
		    content->bare_lf ? "LF" : "CR", session->client.name,
		    session->client.ip);
}

/* The whole message was read: stores or refuses it, and ends the
 * transaction. */
static void
finish_message(struct session *session)
{
	struct transaction *transaction = &session->transaction;
	struct reply reply;

	note_bare(session);
	if (transaction->content.fault != CONTENT_GOOD) {
		refuse_content(session, &reply);
	} else if (!access_end_of_data(session)) {
		session_reset(session);
		return;
	} else {
		cleanup_client_commit(session, &reply);
	}
	if (reply_is_positive(&reply)) {
		session->junk = 0;
		session_note_message(session);
	} else {
		access_log_reject(session, "reject", "END-OF-MESSAGE", &reply,
		    transaction->first_recipient);
	}
	/* The lines of this message come before the answer. */
	log_flush();
	session_send(session, &reply);
	session_reset(session);
}

/* Message data on its way in: from DATA to its end, or one chunk. */
struct transfer {
	int64_t begun;
	uint64_t received; /* bytes */
};

/* Each part of it has smtpd_timeout, unless the whole has: then a client that
 * sends next to nothing runs out of time. */
static int64_t
transfer_deadline(
    const struct session *session, const struct transfer *transfer)
{
	const struct smtpd_params *params = session->params;
	int64_t part = session_deadline(session);
	int64_t whole = transfer->begun + params->smtpd_timeout * 1000 +
	    (int64_t)(transfer->received * 1000 /
		(uint64_t)params->smtpd_min_data_rate);

	return params->smtpd_per_request_deadline && whole < part ? whole
								  : part;
}

/* The next bytes of it; false when the client is lost. */
static bool
peek_data(struct session *session, const struct transfer *transfer,
    struct span *bytes)
{
	struct error error;

	if (stream_peek(&session->stream, transfer_deadline(session, transfer),
		bytes, &error))
		return true;
	session_lost(session, &error);
	return false;
}

static bool
read_data(struct session *session)
{
	struct content *content = &session->transaction.content;
	struct transfer transfer = {.begun = loop_now()};
	struct span bytes;

	while (!content->has_ended) {
		if (!peek_data(session, &transfer, &bytes))
			return false;
		stream_consume(&session->stream, content_feed(content, bytes));
		session_note_data(
		    session, (size_t)(content->received - transfer.received));
		transfer.received = content->received;
	}
	return true;
}

static bool
has_recipient(struct session *session)
{
	if (session->transaction.accepted > 0)
		return true;
	if (session->counts[VERB_RCPT].all > 0)
		session_reply(
		    session, 554, "5.5.1", "Error: no valid recipients");
	else
		session_reply(
		    session, 503, "5.5.1", "Error: need RCPT command");
	return false;
}

void
data_handle(struct session *session, const struct command *command)
{
	if (session->transaction.in_chunks || session->transaction.is_torn) {
		session_reply(session, 503, "5.5.1", "Error: DATA after BDAT");
		return;
	}
	if (command->rest.len > 0) {
		session_reply(session, 501, "5.5.4", "Syntax: DATA");
		return;
	}
	if (!has_recipient(session) || !access_data(session, VERB_DATA))
		return;
	session_reply(session, 354, NULL, "End data with <CR><LF>.<CR><LF>");
	begin_content(session, CONTENT_DATA);
	if (read_data(session))
		finish_message(session);
}

/* Feeds (or, without a message to feed, discards) one chunk: its bytes follow
 * the command whatever the answer will be. */
static bool
read_chunk(struct session *session, uint64_t size, bool keep)
{
	struct transfer transfer = {.begun = loop_now()};
	struct span bytes;

	while (transfer.received < size) {
		uint64_t missing = size - transfer.received;

		if (!peek_data(session, &transfer, &bytes))
			return false;
		if (bytes.len > missing)
			bytes = span_head(bytes, (size_t)missing);
		if (keep)
			(void)content_feed(
			    &session->transaction.content, bytes);
		stream_consume(&session->stream, bytes.len);
		session_note_data(session, bytes.len);
		transfer.received += bytes.len;
	}
	return true;
}

static bool
begin_chunks(struct session *session)
{
	struct transaction *transaction = &session->transaction;

	if (transaction->in_chunks)
		return true;
	if (!transaction->has_sender) {
		session_reply(
		    session, 503, "5.5.1", "Error: need MAIL command");
		return false;
	}
	if (transaction->is_torn) {
		session_reply(session, 503, "5.5.1",
		    "Error: a chunk was refused, send RSET");
		return false;
	}
	/* Another chunk may find other conditions, but alone it would not be
	 * the message. */
	transaction->is_torn = true;
	if (!has_recipient(session) || !access_data(session, VERB_BDAT))
		return false;
	transaction->is_torn = false;
	transaction->in_chunks = true;
	begin_content(session, CONTENT_CHUNKS);
	return true;
}

void
data_handle_bdat(struct session *session, const struct command *command)
{
	uint64_t size;
	bool last;

	if (!command_parse_bdat(command->rest, &size, &last)) {
		/* Where the next command begins is not known. */
		session_reply(
		    session, 521, "5.5.4", "Syntax: BDAT count [LAST]");
		session->is_over = true;
		return;
	}
	if (!begin_chunks(session)) {
		(void)read_chunk(session, size, false);
		return;
	}
	if (!read_chunk(session, size, true))
		return;
	if (!last && session->transaction.content.fault == CONTENT_GOOD) {
		session_reply(session, 250, "2.0.0", "Ok: %llu bytes",
		    (unsigned long long)size);
		return;
	}
	if (last)
		content_finish(&session->transaction.content);
	finish_message(session);
}
