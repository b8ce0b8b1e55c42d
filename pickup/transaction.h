/* SPDX-License-Identifier: MIT */
/* One message on its way from the submitting user to cleanup. Embedded in its
 * session; transaction_reset is the only way back to the state before MAIL. */
#ifndef PICKUP_TRANSACTION_H
#define PICKUP_TRANSACTION_H

#include "lib/base/pool.h"
#include "lib/daemon/cleanup_answer.h"
#include "lib/ipc/peer.h"
#include "lib/log/log.h"
#include "lib/mail/content.h"
#include "lib/mail/reply.h"

#include "pickup/submitter.h"

enum {
	TRANSACTION_POOL_MAXIMUM = 1 << 20, /* bytes of envelope */
};

struct transaction {
	struct pool *pool; /* NULL until MAIL */
	bool has_sender;
	struct span sender; /* as given: perhaps without domain */
	struct span full_name;
	struct span envelope_id;
	uint32_t flags; /* enum message_flag_bit */
	uint32_t ret;
	uint32_t accepted; /* recipients */
	bool lost;         /* cleanup broke off: the message fails for now */
	struct conversation *cleanup; /* from the first recipient on */
	char queue_id[CLEANUP_ID_SIZE];
	struct log_context log;
	struct content content;
};

/* Forgets everything; cleanup keeps nothing of a message that it has not
 * committed. For a zeroed struct, too. */
void transaction_reset(struct transaction *transaction);
/* To the state before MAIL's parameters are read. */
void transaction_begin(struct transaction *transaction, struct pool *parent);

/* Adds one recipient and, at the first, begins the message with cleanup. *reply
 * is the answer to the client. */
void transaction_add_recipient(struct transaction *transaction,
    const struct submitter *submitter,
    const struct message_recipient *recipient, struct reply *reply);

/* Between these the client's DATA goes to transaction->content. */
void transaction_begin_content(
    struct transaction *transaction, const struct submitter *submitter);
/* Commits. *reply is the answer to the client. */
void transaction_end_content(
    struct transaction *transaction, struct reply *reply);

#endif
