/* SPDX-License-Identifier: MIT */
/* The delay= and delays= fields of a delivery line: where the time of a message
 * went. Values; times are those of the wall clock, in microseconds. */
#ifndef MAIL_DELAY_H
#define MAIL_DELAY_H

#include "lib/base/base.h"

enum {
	DELAY_TEXT_SIZE = 112
};

/* In the order in which they happen; one that did not happen has the time of
 * the one before it. */
struct delay_times {
	int64_t arrived;   /* at the mail system */
	int64_t activated; /* taken up by qmgr for this attempt */
	int64_t started;   /* the request reached the agent */
	int64_t connected; /* the connection to the next hop was set up */
	int64_t ended;     /* of the delivery */
};

/* Seconds with at most two significant digits behind which no zeros follow and
 * at most `resolution` decimals: "0", "0.05", "1.1", "37", "349". A negative
 * duration, after a step of the clock, is 0. Each function writes to `text` of
 * DELAY_TEXT_SIZE bytes and returns it. */
const char *delay_format(int64_t microseconds, unsigned resolution, char *text);
/* The whole delay, from arrived to ended. */
const char *delay_format_total(
    const struct delay_times *times, unsigned resolution, char *text);
/* "a/b/c/d": before qmgr, in qmgr, connection set-up, transmission. */
const char *delay_format_parts(
    const struct delay_times *times, unsigned resolution, char *text);

#endif
