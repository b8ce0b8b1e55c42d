/* SPDX-License-Identifier: MIT */
/* Whose turn it is among the ages of mail that wait: each has a weight, and
 * over time each that waits gets its share, evenly spread. A value without I/O
 * or clock; embedded in its lane or destination. */
#ifndef QMGR_SHARE_H
#define QMGR_SHARE_H

#include "lib/base/base.h"

enum schedule_age {
	AGE_FRESH,
	AGE_LIST, /* fresh too, beyond a message's first recipients */
	AGE_RETRY,
	AGE_COUNT
};

/* All zero at first. */
struct share {
	int credit[AGE_COUNT];
};

/* Every age that `may` go earns its weight, the others lose what they had;
 * returns the richest, or AGE_COUNT when none may. */
enum schedule_age share_choose(
    struct share *share, const bool may[AGE_COUNT]) MUST_USE;
/* `age`, one of those that may, goes and pays for all of them. */
void share_pay(
    struct share *share, const bool may[AGE_COUNT], enum schedule_age age);

#endif
