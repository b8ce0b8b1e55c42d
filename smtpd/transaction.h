/* SPDX-License-Identifier: MIT */
/* One mail transaction (RFC 5321 3.3): what MAIL, RCPT and the message have
 * established so far. Embedded in its session; transaction_reset is the only
 * way back to the state before MAIL. */
#ifndef SMTPD_TRANSACTION_H
#define SMTPD_TRANSACTION_H

#include "lib/daemon/cleanup_answer.h"
#include "lib/ipc/peer.h"
#include "lib/mail/content.h"
#include "lib/mail/mail_address.h"

enum {
	TRANSACTION_POOL_MAXIMUM = 1 << 20 /* bytes of envelope */
};

struct transaction {
	struct pool *pool; /* NULL until MAIL */
	bool has_sender;
	struct mail_address sender;
	uint32_t flags; /* enum message_flag_bit */
	uint64_t size;  /* as MAIL's SIZE said; 0 = not given */
	struct span envelope_id;
	uint32_t ret;
	uint32_t accepted; /* recipients */
	uint32_t refused;
	struct span first_recipient;    /* the accepted one, when alone */
	struct conversation *cleanup;   /* from the first recipient on */
	char queue_id[CLEANUP_ID_SIZE]; /* empty before that */
	bool in_chunks;                 /* the first BDAT was taken */
	bool is_torn; /* a chunk was refused: the rest would be no message */
	struct content content;
	struct buf outgoing; /* stored form, not yet sent to cleanup */
	bool lost;           /* cleanup broke off: the message fails */
};

/* MAIL had SMTPUTF8. */
static inline bool
transaction_is_utf8(const struct transaction *transaction)
{
	return (transaction->flags & MESSAGE_FLAG_SMTPUTF8) != 0;
}

void transaction_init(struct transaction *transaction);
/* Aborts what cleanup has begun and forgets everything. */
void transaction_reset(struct transaction *transaction);

/* Takes the transaction to the state after MAIL. */
void transaction_begin(struct transaction *transaction, struct pool *parent);

#endif
