/* SPDX-License-Identifier: MIT */
/* MAIL (RFC 5321 4.1.1.2) with SIZE, BODY, RET and ENVID. */
#ifndef SMTPD_MAIL_H
#define SMTPD_MAIL_H

#include "smtpd/session.h"

void mail_handle(struct session *session, const struct command *command);

/* Answers for what RCPT and MAIL have in common: a path that did not parse.
 * `status` is "5.1.7" or "5.1.3". */
void mail_refuse_path(struct session *session, enum command_result result,
    const char *verb, const char *status);

/* Flags for command_parse_path as the parameters say. */
unsigned mail_path_flags(const struct session *session);

#endif
