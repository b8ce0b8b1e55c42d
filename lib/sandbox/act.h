/* SPDX-License-Identifier: MIT */
/* What somebody who has taken a process over would try, for a process to try by
 * itself: `postern check sandbox` and the containment drill. What works is
 * undone, as far as it can be. */
#ifndef SANDBOX_ACT_H
#define SANDBOX_ACT_H

#include "lib/base/span.h"

struct act {
	const char *name;
	/* Sets (call_sets.h) of programs that may do it, with any of them. */
	unsigned allowed_by;
	/* What it is tried with unless the caller says; NULL: nothing. */
	const char *argument;
	/* 0: it worked; otherwise errno. */
	int (*try)(const char *argument);
};

const struct act *act_all(size_t *count);
const struct act *act_find(struct span name);
/* Whether that errno is a refusal, rather than bad luck. */
bool act_is_refused(int failure);

#endif
