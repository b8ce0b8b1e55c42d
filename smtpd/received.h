/* SPDX-License-Identifier: MIT */
/* The trace header of RFC 5321 4.4. */
#ifndef SMTPD_RECEIVED_H
#define SMTPD_RECEIVED_H

#include "smtpd/session.h"

/* Appends "Received: from ...", with CRLF line ends. The recipient is named
 * only when there is just one. */
void received_append(const struct session *session, struct buf *out);

#endif
