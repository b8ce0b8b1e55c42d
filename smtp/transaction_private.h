/* SPDX-License-Identifier: MIT */
/* A transaction under way, and the ways in which it fails. Private to the
 * transaction_*.c files. */
#ifndef SMTP_TRANSACTION_PRIVATE_H
#define SMTP_TRANSACTION_PRIVATE_H

#include "lib/mail/downgrade.h"

#include "smtp/attempt.h"
#include "smtp/session.h"

/* The steps are MAIL, one RCPT for each recipient, and DATA. */
struct transaction {
	struct session *session;
	struct attempt *attempt;
	struct recipient **recipients; /* those that were pending */
	size_t count;
	struct downgrade *downgrade; /* of the content, or NULL */
	size_t sent;                 /* steps */
	size_t answered;             /* steps */
	size_t accepted;             /* recipients */
	bool has_failed;             /* no outcome is missing any more */
	bool may_send;               /* DATA was answered by 354 */
	bool is_stale;
};

/* An outcome for all recipients that this transaction gave none yet. */
void transaction_fail(
    struct transaction *transaction, const struct delivery_result *outcome);
/* The same for a connection that broke; `doing` as in session_failure. */
void transaction_fail_with_error(struct transaction *transaction,
    const struct error *error, const char *doing);
/* The same for a reply to `command` ("DATA command") that is not the good one;
 * one that is no refusal either breaks the session. */
void transaction_fail_with_reply(struct transaction *transaction,
    const struct reply *reply, const char *command);
/* As transaction_fail_with_reply, for one recipient. */
void transaction_fail_recipient(struct transaction *transaction,
    struct recipient *recipient, const struct reply *reply,
    const char *command);
/* Nobody can know whether the server has the message: never "sent" (REL-11),
 * and no other host gets it now, which would make a second copy likely. */
void transaction_fail_unknown(
    struct transaction *transaction, const struct error *error);

#endif
