/* SPDX-License-Identifier: MIT */
/* The switchboard: a process asks for a service, and gets the connected end of
 * a socket if the process table has the edge. */
#ifndef MASTER_EXCHANGE_H
#define MASTER_EXCHANGE_H

#include "master/crew.h"

/* Answers NEED from the roles of `generation`, which is in force. With
 * `submit_only` what delivers is not to be had. */
void exchange_connect(const struct generation *generation, bool submit_only,
    struct child *child, struct span service);

/* Keeps a NEED of a process whose generation is not yet in force; false when it
 * has asked for too much. */
bool exchange_hold(struct child *child, struct span service) MUST_USE;
/* Answers what was kept. */
void exchange_connect_held(
    const struct generation *generation, bool submit_only, struct child *child);

/* To a new qmgr: the agents that live and will dial it. */
void exchange_tell_agents(const struct crew *crew, struct child *qmgr);

#endif
