/* SPDX-License-Identifier: MIT */
#include "local/child/confine.h"

#include <errno.h>

#include "lib/sandbox/call_filter.h"
#include "lib/sandbox/call_sets.h"
#include "lib/sandbox/landlock.h"

static bool
limit_files(const char *base, struct error *error)
{
	const unsigned subjects = LANDLOCK_FILES | LANDLOCK_SPECIALS |
	    LANDLOCK_BIND | LANDLOCK_CONNECT | LANDLOCK_SIGNALS;
	struct landlock landlock;

	if (!landlock_open(&landlock, subjects, error))
		return false;
	/* Why it cannot be opened is what the delivery will say. */
	(void)!landlock_allow(&landlock, base, LANDLOCK_USE, NULL);
	return landlock_enter(&landlock, error);
}

bool
confine_to(const char *base, struct error *error)
{
	static const struct call_filter_request calls = {
	    .sets = CALLS_BASIC | CALLS_READ | CALLS_WRITE};

	return limit_files(base, error) &&
	    (!call_filter_is_known() || call_filter_enter(&calls, error));
}
