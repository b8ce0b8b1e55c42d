/* SPDX-License-Identifier: MIT */
/* Tries a generation before it is used: every program that it runs is started
 * once in check mode, where it reads its parameters, opens its tables and says
 * what is wrong. If the crew probes, each also confines itself and tries what
 * it must not be able to do; what confines it goes to standard output. */
#ifndef MASTER_CHECKUP_H
#define MASTER_CHECKUP_H

#include "master/crew.h"

/* Calls report(argument, text) for each problem; false when there was one. In a
 * coroutine only. */
bool checkup_run(struct crew *crew, struct generation *generation,
    void (*report)(void *argument, const char *text), void *argument) MUST_USE;

#endif
