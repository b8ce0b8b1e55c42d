/* SPDX-License-Identifier: MIT */
#include "qmgr/backoff.h"

#include "lib/base/clock.h"

/* A larger difference between the clocks is no drift. */
#define JUMP (3600 * (int64_t)CLOCK_SECOND)

int64_t
backoff_next(const struct backoff_limits *limits, int64_t arrival, int64_t now)
{
	int64_t delay = (now - arrival) / CLOCK_SECOND;

	if (delay > limits->maximum)
		delay = limits->maximum;
	if (delay < limits->minimum)
		delay = limits->minimum;
	return now + delay * CLOCK_SECOND;
}

int64_t
backoff_horizon(const struct backoff_limits *limits, int64_t now)
{
	int64_t longest = limits->maximum > limits->minimum ? limits->maximum
							    : limits->minimum;

	return now + longest * CLOCK_SECOND;
}

bool
backoff_is_due(const struct backoff_limits *limits, int64_t next, int64_t now)
{
	return next <= now || next > backoff_horizon(limits, now);
}

bool
backoff_is_expired(const struct backoff_limits *limits, int64_t arrival,
    bool has_sender, int64_t now)
{
	int64_t lifetime =
	    has_sender ? limits->lifetime : limits->notice_lifetime;

	return (now - arrival) / CLOCK_SECOND >= lifetime;
}

bool
backoff_is_warning_due(const struct backoff_limits *limits, int64_t arrival,
    int64_t warned, int64_t now)
{
	return limits->warning > 0 && warned == 0 &&
	    (now - arrival) / CLOCK_SECOND >= limits->warning;
}

static int64_t
clock_offset(int64_t wall, int64_t monotonic)
{
	return wall - monotonic * (CLOCK_SECOND / 1000);
}

void
backoff_clock_init(struct backoff_clock *clock, int64_t wall, int64_t monotonic)
{
	*clock =
	    (struct backoff_clock){.offset = clock_offset(wall, monotonic)};
}

bool
backoff_clock_check(
    struct backoff_clock *clock, int64_t wall, int64_t monotonic)
{
	int64_t moved = clock_offset(wall, monotonic) - clock->offset;
	bool jumped = moved > JUMP || moved < -JUMP;
	bool changed = jumped != clock->jumped;

	clock->jumped = jumped;
	return changed;
}
