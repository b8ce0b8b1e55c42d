/* SPDX-License-Identifier: MIT */
/* HELO and EHLO (RFC 5321 4.1.1.1). */
#ifndef SMTPD_HELLO_H
#define SMTPD_HELLO_H

#include "smtpd/session.h"

void hello_helo(struct session *session, const struct command *command);
void hello_ehlo(struct session *session, const struct command *command);

/* Whether the answer to EHLO has the keyword. */
bool hello_offers(const struct session *session, const char *keyword);

#endif
