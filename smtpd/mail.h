/* SPDX-License-Identifier: MIT */
/* MAIL (RFC 5321 4.1.1.2) with SIZE, BODY, RET, ENVID and
 * SMTPUTF8. */
#ifndef SMTPD_MAIL_H
#define SMTPD_MAIL_H

#include "smtpd/session.h"

/* Statuses of an address that cannot be one. */
#define MAIL_BAD_SENDER    "5.1.7"
#define MAIL_BAD_RECIPIENT "5.1.3"

void mail_handle(struct session *session, const struct command *command);

/* Answers for what RCPT and MAIL have in common: a path that did not parse.
 * `status` is one of those above. */
void mail_refuse_path(struct session *session, enum command_result result,
    const char *verb, const char *status);

/* Flags for command_parse_path as the parameters say. With smtputf8_enable that
 * is UTF-8, which mail_allows_utf8 has the last word on. */
unsigned mail_path_flags(const struct session *session);

/* Answers, and returns false, for an address that is not ASCII where the client
 * has not asked for SMTPUTF8, or one whose domain DNS could not hold. `status`
 * as above. */
bool mail_allows_utf8(struct session *session,
    const struct mail_address *address, bool requested, const char *status);

#endif
