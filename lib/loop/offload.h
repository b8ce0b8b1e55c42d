/* SPDX-License-Identifier: MIT */
/* Whole blocking jobs (open + write + fsync + close) off the loop, in up to 64
 * threads that are started when first needed. */
#ifndef LOOP_OFFLOAD_H
#define LOOP_OFFLOAD_H

#include "lib/base/base.h"

/* Runs job(argument) in a thread while this coroutine sleeps and returns when
 * it has ended; outside a coroutine runs it here and now. The job touches only
 * what `argument` points to: no pool, log, loop or coroutine. */
void offload_run(void (*job)(void *argument), void *argument);

/* Runs job(argument) in a thread and then done(argument) from the loop; for
 * callers that are no coroutine. `done` may be NULL. */
void offload_start(
    void (*job)(void *argument), void (*done)(void *argument), void *argument);

/* Starts all `threads` (1-64) now, for a process that will forbid clone(2), and
 * makes that the maximum. */
void offload_prepare(unsigned threads);

/* Ends the threads once all jobs have ended; what is left of their completions
 * comes with the loop's next turn. Jobs started later start threads anew. */
void offload_finish(void);

/* Jobs begun or queued that have not ended. */
size_t offload_pending(void);

#endif
