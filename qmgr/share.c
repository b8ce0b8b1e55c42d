/* SPDX-License-Identifier: MIT */
#include "qmgr/share.h"

static const int weights[AGE_COUNT] = {
    [AGE_FRESH] = 4,
    [AGE_LIST] = 2,
    [AGE_RETRY] = 1,
};

enum schedule_age
share_choose(struct share *share, const bool may[AGE_COUNT])
{
	int best = AGE_COUNT;

	for (int age = 0; age < AGE_COUNT; age++) {
		if (!may[age]) {
			share->credit[age] = 0;
			continue;
		}
		share->credit[age] += weights[age];
		if (best == AGE_COUNT ||
		    share->credit[age] > share->credit[best])
			best = age;
	}
	return (enum schedule_age)best;
}

void
share_pay(struct share *share, const bool may[AGE_COUNT], enum schedule_age age)
{
	for (int other = 0; other < AGE_COUNT; other++)
		if (may[other])
			share->credit[age] -= weights[other];
}
