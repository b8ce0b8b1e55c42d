/* SPDX-License-Identifier: MIT */
/* What became of some recipients of one message, from an agent or decided here,
 * on its way to the disk: notices first, then state words and reasons, then the
 * memory. When the last outstanding recipients end in one report the message is
 * removed and nothing else is written. A failure while others are outstanding
 * is recorded by its reason, and told with all others when the attempt is over
 * (outstanding.h); so is a delivery when the sender cannot be told of it now.
 */
#ifndef QMGR_REPORT_H
#define QMGR_REPORT_H

#include "lib/ipc/messages.h"
#include "lib/mail/reply.h"

#include "qmgr/message.h"

struct result {
	uint32_t number;
	struct recipient *recipient; /* NULL: it is not in memory */
	enum delivery_outcome outcome;
	struct span dsn;    /* "4.4.1" */
	struct span text;   /* as logged */
	struct span remote; /* host that said so, or empty */
	bool at_hello;      /* it failed before a transaction could begin */
	struct span reply;  /* its SMTP answer, or empty */
	/* It has failed, or was delivered, and the sender is told when the
	 * attempt is over. */
	bool is_due;
	char soft_dsn[REPLY_STATUS_SIZE]; /* report.c's own */
};

struct report {
	struct message *message;
	struct result *results;
	size_t count;
	/* Nothing was tried: it counts for no expiry. */
	bool no_attempt;
};

/* A check of a reason as it is stored, 0 for none: two with the same one are
 * the same and need not be stored twice. */
uint32_t report_check_reason(const struct stored_reason *reason);

/* Records the report and closes its recipients, after which the message may be
 * gone. Outcomes may be changed to DELIVERY_DEFERRED on the way. `recorded`,
 * when not NULL, is called with `argument` as soon as the results are on disk
 * and before any recipient is closed. Runs in a coroutine and has to be called
 * without the turn. */
void report_apply(
    struct report *report, void (*recorded)(void *argument), void *argument);

#endif
