/* SPDX-License-Identifier: MIT */
/* The table of SMTP verbs: who handles each and what must have come before it.
 * Handlers run in the session's coroutine; what they allocate for the command
 * comes from session->scratch. */
#ifndef SMTPD_VERBS_H
#define SMTPD_VERBS_H

#include "smtpd/session.h"

/* Checks the state and runs the handler; the reply is queued. */
void verbs_run(struct session *session, const struct command *command);

#endif
