/* SPDX-License-Identifier: MIT */
/* Key files from master. Those that come before the start are read by
 * supply_open, later ones at once. */
#ifndef SMTPD_KEYD_SUPPLY_H
#define SMTPD_KEYD_SUPPLY_H

#include "lib/ipc/frame.h"

/* Takes KEY or KEY_FORGET, and the descriptor. */
void supply_take(struct frame *frame);
/* Once, when there is a log. */
void supply_open(void);

#endif
