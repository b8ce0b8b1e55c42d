/* SPDX-License-Identifier: MIT */
/* Hands a message to pickup over its socket: wholly, or not at all. */
#ifndef PICKUP_SENDMAIL_SUBMIT_H
#define PICKUP_SENDMAIL_SUBMIT_H

#include "pickup/sendmail/arguments.h"
#include "pickup/sendmail/recipients.h"
#include "pickup/sendmail/spooled.h"

struct submit_request {
	const char *socket; /* path */
	const struct arguments *arguments;
	const char *full_name; /* or NULL */
	bool has_sender;       /* else it is the user */
	struct span sender;    /* internal form; empty: the null address */
	const struct recipients *recipients;
	const struct spooled *message;
};

/* True: the message is queued. Otherwise *status is the exit status:
 * EX_TEMPFAIL when a retry may succeed. */
bool submit_message(const struct submit_request *request, int *status,
    struct error *error) MUST_USE;

/* The connection; -1 when nobody listens. */
int submit_connect(const char *socket, struct error *error) MUST_USE;

#endif
