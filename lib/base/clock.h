/* SPDX-License-Identifier: MIT */
/* The two clocks of the suite. Deadlines and durations use the monotonic one,
 * in milliseconds; what is stored or shown uses the wall clock, in microseconds
 * since 1970 UTC. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "lib/base/base.h"

/* Milliseconds since some point in the past; keeps counting in suspend. */
int64_t clock_monotonic(void);
/* Microseconds since 1970-01-01 UTC. */
int64_t clock_wall(void);

#define CLOCK_SECOND 1000000 /* of wall time */

#endif
