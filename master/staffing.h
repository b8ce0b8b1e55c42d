/* SPDX-License-Identifier: MIT */
/* How many processes a role has: its base at least, one more when every session
 * is taken, fewer when idle; replaced when they die, with back-off when they
 * die before they are ready. Works on role->staff. */
#ifndef MASTER_STAFFING_H
#define MASTER_STAFFING_H

#include "master/crew.h"

/* Puts the role to use: from now on staffing_fill may start processes. */
void staffing_begin(struct role *role, struct crew *crew);
/* Processes are no longer started for the role. */
void staffing_end(struct role *role);

/* Processes that are not on their way out. */
uint32_t staffing_count(const struct role *role);
/* Starts what is missing to the base, now or after the back-off. */
void staffing_fill(struct role *role);
/* Somebody needs the role: it has processes from now on. */
void staffing_want(struct role *role);
/* Starts a process that is alone (crew_start_alone), unless there are too many
 * of them; takes `client`. They count as nobody otherwise. */
void staffing_start_alone(struct role *role, int client);
/* Whether nobody serves and none can be started yet. */
bool staffing_is_waiting(const struct role *role);

/* What processes say and do. */
void staffing_ready(struct child *child);
void staffing_dial(struct child *child, bool full);
void staffing_died(struct child *child);

/* Every now and then: drains a process that was not needed for `max_idle`
 * seconds. */
void staffing_shrink(struct role *role, int64_t max_idle);

#endif
