/* SPDX-License-Identifier: MIT */
#include "lib/base/clock.h"

#include <time.h>

static struct timespec
read_clock(clockid_t clock)
{
	struct timespec now;

	must(clock_gettime(clock, &now) == 0);
	return now;
}

int64_t
clock_monotonic(void)
{
	struct timespec now = read_clock(CLOCK_BOOTTIME);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_wall(void)
{
	struct timespec now = read_clock(CLOCK_REALTIME);

	return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec / 1000;
}
