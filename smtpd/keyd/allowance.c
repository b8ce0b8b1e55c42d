/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/allowance.h"

enum {
	BURST = 1000 /* milliseconds of what was not used */
};

int64_t
allowance_take(struct allowance *allowance, int64_t rate, int64_t now)
{
	int64_t earliest = (now - BURST) * rate;
	int64_t due;

	if (rate == 0)
		return now;
	if (allowance->spent_until < earliest)
		allowance->spent_until = earliest;
	allowance->spent_until += 1000;
	due = (allowance->spent_until + rate - 1) / rate;
	return due > now ? due : now;
}
