/* SPDX-License-Identifier: MIT */
/* When a message is tried again, warned about and given up: pure functions of
 * times, in microseconds since 1970. */
#ifndef QMGR_BACKOFF_H
#define QMGR_BACKOFF_H

#include "lib/base/base.h"

struct backoff_limits {
	int64_t minimum; /* seconds, as all of these */
	int64_t maximum;
	int64_t lifetime;
	int64_t notice_lifetime; /* of mail from <> */
	int64_t warning;         /* 0 = never */
};

/* The next attempt: the message waits as long again as it has been in the
 * queue, within the limits. */
int64_t backoff_next(
    const struct backoff_limits *limits, int64_t arrival, int64_t now);

/* Whether the next attempt, as it was put down, is due. What is farther away
 * than any message is put off was put down under a wrong clock: it is due. */
bool backoff_is_due(
    const struct backoff_limits *limits, int64_t next, int64_t now);
/* Nothing is put off beyond this time. */
int64_t backoff_horizon(const struct backoff_limits *limits, int64_t now);

bool backoff_is_expired(const struct backoff_limits *limits, int64_t arrival,
    bool has_sender, int64_t now);

/* `warned`: when the sender was told, 0 = never; once is enough. */
bool backoff_is_warning_due(const struct backoff_limits *limits,
    int64_t arrival, int64_t warned, int64_t now);

/* Compares the two clocks of the machine: a wall clock that was set makes ages
 * meaningless. */
struct backoff_clock {
	int64_t offset; /* microseconds, wall clock - monotonic, at the start */
	bool jumped;    /* by more than an hour, and not back */
};

/* `monotonic` in milliseconds, as clock_monotonic. */
void backoff_clock_init(
    struct backoff_clock *clock, int64_t wall, int64_t monotonic);
/* True when clock->jumped has changed. */
bool backoff_clock_check(
    struct backoff_clock *clock, int64_t wall, int64_t monotonic);

#endif
