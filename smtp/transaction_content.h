/* SPDX-License-Identifier: MIT */
/* The second half of a transaction: what follows the reply 354. Private to the
 * transaction_*.c files. */
#ifndef SMTP_TRANSACTION_CONTENT_H
#define SMTP_TRANSACTION_CONTENT_H

#include "smtp/transaction_private.h"

/* Sends the content to the recipients that were accepted. */
void transaction_content_send(struct transaction *transaction);
/* Ends a DATA that no recipient was accepted for (RFC 2920 3.1). */
void transaction_content_skip(struct transaction *transaction);

#endif
