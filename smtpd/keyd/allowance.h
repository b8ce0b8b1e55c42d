/* SPDX-License-Identifier: MIT */
/* How often one worker may have something signed: so many times a second, and
 * what was not used within a second is lost. A value; time is an argument. */
#ifndef SMTPD_KEYD_ALLOWANCE_H
#define SMTPD_KEYD_ALLOWANCE_H

#include "lib/base/base.h"

struct allowance {
	int64_t spent_until; /* milliseconds of monotonic time, times `rate` */
};

/* Takes one of `rate` per second (0: no limit); returns the time at which it
 * may be used, `now` or later, in milliseconds like `now`. */
int64_t allowance_take(struct allowance *allowance, int64_t rate, int64_t now);

#endif
