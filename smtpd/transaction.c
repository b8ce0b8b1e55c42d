/* SPDX-License-Identifier: MIT */
#include "smtpd/transaction.h"

enum {
	OUTGOING_MAXIMUM = 128 << 10
};

void
transaction_init(struct transaction *transaction)
{
	*transaction = (struct transaction){.pool = NULL};
	buf_init(&transaction->outgoing, OUTGOING_MAXIMUM);
}

void
transaction_reset(struct transaction *transaction)
{
	conversation_close(transaction->cleanup);
	pool_destroy(transaction->pool);
	buf_finish(&transaction->outgoing);
	transaction_init(transaction);
}

void
transaction_begin(struct transaction *transaction, struct pool *parent)
{
	must(!transaction->has_sender);
	transaction->pool =
	    pool_create(parent, "transaction", TRANSACTION_POOL_MAXIMUM);
	transaction->has_sender = true;
}
