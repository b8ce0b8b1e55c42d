/* SPDX-License-Identifier: MIT */
/* From one generation to the next: read, try, start, and only then take over. A
 * failure at any step leaves the one in force alone. */
#ifndef MASTER_CHANGEOVER_H
#define MASTER_CHANGEOVER_H

#include "master/supervisor.h"

/* Reads the configuration; NULL when something is wrong. In a coroutine only.
 */
struct generation *changeover_read(
    struct supervisor *supervisor, struct error *error) MUST_USE;
/* Tries every program in check mode; reports each problem. In a coroutine only.
 */
bool changeover_try(struct supervisor *supervisor,
    struct generation *generation, struct error *error) MUST_USE;

/* Starts the processes of `next`, waits until they are ready, puts it in force
 * and drains the processes of the one before. `next` is taken. In a coroutine
 * only. */
bool changeover_run(struct supervisor *supervisor, struct generation *next,
    struct error *error) MUST_USE;

/* Waits until every process of the generation is ready or has failed. */
bool changeover_wait_ready(struct supervisor *supervisor,
    struct generation *generation, struct error *error) MUST_USE;

/* Says to the log and to whoever waits for the start what is wrong. */
void changeover_report(void *supervisor, const char *text);

#endif
