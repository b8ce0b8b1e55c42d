/* SPDX-License-Identifier: MIT */
/* The delays of one delivery as log lines show them: "delay=1.1" and
 * "delays=0.05/0.01/0.9/0.14". */
#ifndef MAIL_DELAY_H
#define MAIL_DELAY_H

#include "lib/base/base.h"

enum {
	DELAY_TEXT_SIZE = 96,
	DELAY_DIGITS_MAXIMUM = 6
};

/* Wall clock, microseconds. A step that did not happen has the time of the one
 * before it; a clock that went back counts as standing still. */
struct delay {
	int64_t arrived;   /* the message came in */
	int64_t activated; /* qmgr took it in hand */
	int64_t begun;     /* the agent got it */
	int64_t connected; /* connection and greeting were over */
	int64_t ended;
};

/* From arrival to end, and the four steps with `/` between them: at most two
 * significant digits behind each whole number, none beyond `digits` behind the
 * point (delay_logging_resolution_limit). Each writes to `text` of
 * DELAY_TEXT_SIZE bytes and returns it. */
const char *delay_format_total(
    const struct delay *delay, int64_t digits, char *text);
const char *delay_format_steps(
    const struct delay *delay, int64_t digits, char *text);

#endif
