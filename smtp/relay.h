/* SPDX-License-Identifier: MIT */
/* Brings one message to one next hop: finds servers and tries them in turn
 * until every recipient has an outcome. */
#ifndef SMTP_RELAY_H
#define SMTP_RELAY_H

#include "lib/daemon/delivery.h"

/* Reports on every recipient. */
void relay_deliver(struct delivery *delivery);

#endif
