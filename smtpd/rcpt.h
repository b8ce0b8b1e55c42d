/* SPDX-License-Identifier: MIT */
/* RCPT (RFC 5321 4.1.1.3) with NOTIFY and ORCPT. The first accepted recipient
 * opens the conversation with cleanup and gives the message its queue id. */
#ifndef SMTPD_RCPT_H
#define SMTPD_RCPT_H

#include "smtpd/session.h"

void rcpt_handle(struct session *session, const struct command *command);

#endif
