/* SPDX-License-Identifier: MIT */
/* What becomes of a system call that call_filter.h does not allow. The kernel
 * sends SIGSYS; the handler notes the call's number and either lets the call
 * fail with EPERM or ends the process. The filter does not let the handler be
 * replaced. */
#ifndef SANDBOX_REFUSED_CALL_H
#define SANDBOX_REFUSED_CALL_H

#include "lib/base/base.h"

struct refused_call_settings {
	bool kills; /* the process dies by SIGSYS */
	/* Where the number plus 1 goes, for who looks at the dead; may be
	 * NULL. */
	volatile int32_t *place;
	/* Called in the handler for a number that it sees first: only what is
	 * safe there. May be NULL. */
	void (*noticed)(void);
};

/* Before the filter is in force. */
void refused_call_catch(const struct refused_call_settings *settings);
/* For a child, which inherits the handler. */
void refused_call_set(const struct refused_call_settings *settings);

/* The next number that was refused and not taken yet; false: none. Each comes
 * once, and no more than a handful. */
bool refused_call_take(int *number);

#endif
