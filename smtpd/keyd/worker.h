/* SPDX-License-Identifier: MIT */
/* keyd's side of a connection with a worker: signatures within the worker's
 * allowance, all of them counted, and the keys of session tickets. */
#ifndef SMTPD_KEYD_WORKER_H
#define SMTPD_KEYD_WORKER_H

#include "lib/ipc/peer.h"

/* For SIGN and FOLLOW_TICKETS; in a coroutine. */
void worker_serve_sign(struct conversation *conversation, struct frame *first);
void worker_serve_tickets(
    struct conversation *conversation, struct frame *first);

/* The connection is gone: says in the log what it was used for. */
void worker_closed(struct peer *peer, const struct error *error);

#endif
