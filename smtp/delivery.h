/* SPDX-License-Identifier: MIT */
/* Brings one message to one next hop: finds hosts and tries them in turn until
 * every recipient has an outcome. */
#ifndef SMTP_DELIVERY_H
#define SMTP_DELIVERY_H

#include "smtp/request.h"

/* Afterwards every recipient is done. */
void delivery_run(struct request *request);

#endif
