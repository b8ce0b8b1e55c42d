/* SPDX-License-Identifier: MIT */
/* Tells qmgr what became of a delivery, until some qmgr has it on disk. */
#ifndef SMTP_REPORT_H
#define SMTP_REPORT_H

#include "smtp/request.h"

/* Sends the statuses of a finished request over the conversation it came by and
 * waits for the acknowledgement; false when the connection breaks first. */
bool report_send(const struct request *request,
    struct conversation *conversation, struct error *error) MUST_USE;

/* Offers them to another qmgr than the one that asked. */
bool report_send_kept(const struct request *request, struct peer *qmgr,
    struct error *error) MUST_USE;

/* Tells a new qmgr, as a notice, that the request is in hand. */
void report_in_flight(const struct request *request, struct peer *qmgr);

#endif
