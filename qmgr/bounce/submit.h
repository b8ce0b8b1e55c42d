/* SPDX-License-Identifier: MIT */
/* Puts a notice into the queue, through cleanup. */
#ifndef BOUNCE_SUBMIT_H
#define BOUNCE_SUBMIT_H

#include "lib/daemon/cleanup_answer.h"

#include "qmgr/bounce/request.h"

/* What is sent and to whom. */
struct submission {
	const struct request *request;
	struct span from; /* envelope sender, empty for <> */
	struct span to;
	bool for_postmaster;
	bool only_header; /* of the message that is returned */
};

/* True when the notice is durable; its queue id is in `id`. In a coroutine. */
bool submit(const struct submission *submission, char id[CLEANUP_ID_SIZE],
    struct error *error) MUST_USE;

#endif
