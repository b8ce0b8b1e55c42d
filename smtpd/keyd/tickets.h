/* SPDX-License-Identifier: MIT */
/* The keys of session tickets, made here and never on disk: a fresh one each
 * keyd_ticket_key_lifetime, the one before is kept. The process has one set. */
#ifndef SMTPD_KEYD_TICKETS_H
#define SMTPD_KEYD_TICKETS_H

#include "lib/ipc/conversation.h"

/* Makes a fresh key if it is time. `now` as loop_now(). */
void tickets_refresh(int64_t now);
/* When it is time again. */
int64_t tickets_due(void);
/* Counts the changes; 0 before the first. */
uint64_t tickets_edition(void);
/* Sends the keys as TICKET_KEYS. */
void tickets_send(struct conversation *conversation);

#endif
