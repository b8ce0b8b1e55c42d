/* SPDX-License-Identifier: MIT */
/* New processes for lookup when its tables have changed: the old ones go once
 * the new ones are ready, and stay when those cannot open the tables. */
#ifndef MASTER_ROLL_H
#define MASTER_ROLL_H

#include "master/supervisor.h"

/* Soon, but not within ten seconds of the last time. */
void roll_request(struct supervisor *supervisor);

#endif
