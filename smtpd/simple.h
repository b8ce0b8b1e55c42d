/* SPDX-License-Identifier: MIT */
/* The verbs that need no file of their own: RSET NOOP VRFY QUIT HELP. */
#ifndef SMTPD_SIMPLE_H
#define SMTPD_SIMPLE_H

#include "smtpd/session.h"

void simple_rset(struct session *session, const struct command *command);
void simple_noop(struct session *session, const struct command *command);
void simple_vrfy(struct session *session, const struct command *command);
void simple_quit(struct session *session, const struct command *command);
void simple_help(struct session *session, const struct command *command);

#endif
