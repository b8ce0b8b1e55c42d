/* SPDX-License-Identifier: MIT */
/* Whether mail for a recipient would be accepted: what smtpd asks for every
 * RCPT command. */
#ifndef CLEANUP_LOOKUP_RECIPIENT_H
#define CLEANUP_LOOKUP_RECIPIENT_H

#include "lib/ipc/peer.h"

/* CHECK_RECIPIENT -> RECIPIENT_KNOWN */
void recipient_serve(struct conversation *conversation, struct frame *first);

#endif
