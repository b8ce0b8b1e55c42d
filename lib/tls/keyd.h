/* SPDX-License-Identifier: MIT */
/* Questions to the keyd service, for daemons with that edge. In a coroutine. */
#ifndef TLS_KEYD_H
#define TLS_KEYD_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/ipc/messages.h"

/* Has a signature made and appends it. A keyd that ends meanwhile is replaced:
 * the next one is asked, for some seconds. */
bool keyd_sign(const struct message_sign *request, struct buf *signature,
    struct error *error) MUST_USE;

/* Follows keyd's keys of session tickets, for as long as the process lives: see
 * ticket_set. Comes back at once; from anywhere. */
void keyd_follow_tickets(void);

#endif
