/* SPDX-License-Identifier: MIT */
/* DATA (RFC 5321 4.1.1.4) and BDAT (RFC 3030): the message itself, through the
 * one lexer of lib/mail/content.h. */
#ifndef SMTPD_DATA_H
#define SMTPD_DATA_H

#include "smtpd/session.h"

void data_handle(struct session *session, const struct command *command);
void data_handle_bdat(struct session *session, const struct command *command);

#endif
