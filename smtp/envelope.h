/* SPDX-License-Identifier: MIT */
/* The commands MAIL and RCPT with the parameters that the server understands.
 * Nothing here is sent. */
#ifndef SMTP_ENVELOPE_H
#define SMTP_ENVELOPE_H

#include "lib/ipc/messages.h"

/* Append the command without its line end; `features` are those of
 * session.h. False when an address cannot be said in SMTP. */
bool envelope_append_mail(struct buf *out,
    const struct message_deliver *message, unsigned features) MUST_USE;
bool envelope_append_rcpt(struct buf *out,
    const struct message_deliver_recipient *recipient,
    unsigned features) MUST_USE;

/* The sender or the header cannot be said without SMTPUTF8, to no recipient. */
bool envelope_needs_utf8(const struct message_deliver *message);

#endif
