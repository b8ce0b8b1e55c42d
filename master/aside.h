/* SPDX-License-Identifier: MIT */
/* Work that a coroutine has done on the main stack of the process: the name
 * service and the user database need more stack than a coroutine has. */
#ifndef MASTER_ASIDE_H
#define MASTER_ASIDE_H

#include "lib/base/base.h"

/* Returns when work(argument) has. In a coroutine only. */
void aside_run(void (*work)(void *argument), void *argument);

#endif
