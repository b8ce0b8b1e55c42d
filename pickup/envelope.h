/* SPDX-License-Identifier: MIT */
/* MAIL and RCPT of the submission protocol. Besides RFC 5321, 1870 and 3461,
 * MAIL knows two parameters of our own for sendmail:
 *
 *	XUSER            the sender is the submitting user; the path is ignored
 *	XFULLNAME=xtext  what a From header that has to be added calls him */
#ifndef PICKUP_ENVELOPE_H
#define PICKUP_ENVELOPE_H

#include "pickup/session.h"

void envelope_mail(struct session *session, const struct command *command);
void envelope_rcpt(struct session *session, const struct command *command);

#endif
