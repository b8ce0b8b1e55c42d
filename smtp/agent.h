/* SPDX-License-Identifier: MIT */
/* This process as qmgr sees it: dials qmgr, takes deliveries from it, and
 * begins anew when it is gone. */
#ifndef SMTP_AGENT_H
#define SMTP_AGENT_H

#include "lib/base/base.h"

/* The service skeleton's begin, drain and is_idle. */
void agent_begin(void);
void agent_drain(void);
bool agent_is_idle(void);

#endif
