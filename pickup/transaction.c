/* SPDX-License-Identifier: MIT */
#include "pickup/transaction.h"

#include "lib/base/clock.h"
#include "lib/daemon/cleanup_answer.h"
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"
#include "lib/mail/date.h"
#include "lib/mail/header.h"

enum {
	RECEIVED_MAXIMUM = 2048
};

static int64_t
deadline(void)
{
	return loop_deadline(service_common()->ipc_timeout);
}

static void
refuse_for_now(struct reply *reply)
{
	reply_set(reply, 451, "4.3.0", "Error: queue file write error");
}

/* The conversation is of no more use, and another one would not know the
 * recipients that this one had. */
static void
give_up(struct transaction *transaction, const struct error *error)
{
	log_warning(&transaction->log, "cleanup: %s", error->text);
	conversation_close(transaction->cleanup);
	transaction->cleanup = NULL;
	transaction->lost = true;
}

void
transaction_reset(struct transaction *transaction)
{
	conversation_close(transaction->cleanup);
	pool_destroy(transaction->pool);
	*transaction = (struct transaction){.pool = NULL};
}

void
transaction_begin(struct transaction *transaction, struct pool *parent)
{
	transaction_reset(transaction);
	transaction->pool =
	    pool_create(parent, "transaction", TRANSACTION_POOL_MAXIMUM);
}

static bool
receive_id(struct transaction *transaction, struct error *error)
{
	if (!cleanup_answer_id(
		transaction->cleanup, deadline(), transaction->queue_id, error))
		return false;
	transaction->log.queue_id = span_text(transaction->queue_id);
	return true;
}

static bool
open_message(struct transaction *transaction, const struct submitter *submitter,
    struct error *error)
{
	struct message_begin begin = {
	    .sender = transaction->sender,
	    .flags = transaction->flags | MESSAGE_FLAG_LOCAL,
	    .origin = ORIGIN_SENDMAIL,
	    .full_name = transaction->full_name,
	    .envelope_id = transaction->envelope_id,
	    .ret = transaction->ret,
	};

	transaction->cleanup =
	    switchboard_converse("cleanup", deadline(), error);
	if (transaction->cleanup == NULL)
		return false;
	conversation_send_begin(transaction->cleanup, &begin);
	if (!receive_id(transaction, error))
		return false;
	log_event(&transaction->log, LOG_MESSAGE_SUBMITTED,
	    log_number("uid", submitter->uid),
	    log_address("from", transaction->sender));
	return true;
}

void
transaction_add_recipient(struct transaction *transaction,
    const struct submitter *submitter,
    const struct message_recipient *recipient, struct reply *reply)
{
	struct error error;

	refuse_for_now(reply);
	if (transaction->lost)
		return;
	if (transaction->cleanup == NULL &&
	    !open_message(transaction, submitter, &error)) {
		give_up(transaction, &error);
		return;
	}
	conversation_send_recipient(transaction->cleanup, recipient);
	if (!cleanup_answer_reply(
		transaction->cleanup, deadline(), reply, &error)) {
		give_up(transaction, &error);
		refuse_for_now(reply);
	} else if (reply_is_positive(reply)) {
		transaction->accepted++;
	}
}

static bool
send_run(void *owner, enum content_part part UNUSED, struct span run)
{
	struct transaction *transaction = owner;
	struct error error;

	if (transaction->cleanup != NULL &&
	    conversation_send_content(
		transaction->cleanup, run, false, deadline(), &error))
		return true;
	if (transaction->cleanup != NULL)
		give_up(transaction, &error);
	return false;
}

static void
send_received(
    struct transaction *transaction, const struct submitter *submitter)
{
	const struct common_params *common = service_common();
	char date[DATE_TEXT_SIZE];
	struct buf field;

	buf_init(&field, RECEIVED_MAXIMUM);
	header_open(&field, "Received");
	header_printf(&field, "by %s (%s, from userid %u)", common->myhostname,
	    common->mail_name, (unsigned)submitter->uid);
	header_fold(&field);
	header_printf(&field, "id %s; %s", transaction->queue_id,
	    date_format_mail(clock_wall(), date));
	header_close(&field);
	(void)send_run(transaction, CONTENT_HEADER, buf_span(&field));
	buf_finish(&field);
}

void
transaction_begin_content(
    struct transaction *transaction, const struct submitter *submitter)
{
	content_init(&transaction->content,
	    &(struct content_options){
		.mode = CONTENT_DATA,
		.bare = CONTENT_BARE_NORMALIZE,
		.maximum = (uint64_t)service_common()->message_size_limit,
		.sink = send_run,
		.owner = transaction,
	    });
	send_received(transaction, submitter);
}

void
transaction_end_content(struct transaction *transaction, struct reply *reply)
{
	struct message_end end = {.commit = true};
	struct error error;

	if (transaction->content.fault == CONTENT_TOO_LARGE) {
		reply_set(
		    reply, 552, "5.3.4", "Message size exceeds fixed limit");
		return;
	}
	refuse_for_now(reply);
	if (transaction->cleanup == NULL)
		return;
	conversation_send_end(transaction->cleanup, &end);
	if (!cleanup_answer_reply(
		transaction->cleanup, deadline(), reply, &error)) {
		give_up(transaction, &error);
		refuse_for_now(reply);
	}
}
