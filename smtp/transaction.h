/* SPDX-License-Identifier: MIT */
/* One mail transaction: MAIL, RCPT, DATA, content, and what the server says to
 * each, which becomes the outcome of recipients. */
#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include "smtp/attempt.h"
#include "smtp/session.h"

enum transaction_result {
	TRANSACTION_ENDED, /* every recipient has an outcome; a pending one may
			    * be tried at another host */
	TRANSACTION_STALE  /* a used connection turned out to be closed before
			    * anything was said; nothing has an outcome */
};

/* Offers the pending recipients of the request. */
enum transaction_result transaction_run(
    struct session *session, struct attempt *attempt) MUST_USE;

#endif
