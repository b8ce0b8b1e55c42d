/* SPDX-License-Identifier: MIT */
/* Lets tests/crash/memory refuse memory at a chosen allocation. A build with
 * POSTERN_FAULTS makes a system call that no kernel knows before each one; a
 * tracer counts them and may answer that there is no memory. Without a tracer,
 * and in any other build, nothing is refused. */
#ifndef BASE_REFUSAL_H
#define BASE_REFUSAL_H

#include "lib/base/base.h"

/* Numbers of the system calls. */
enum refusal {
	REFUSAL_OF_MEMORY = 60000, /* as if malloc had failed */
	REFUSAL_OF_POOL = 60001    /* as if the pool's maximum were reached */
};

#ifdef POSTERN_FAULTS
/* Leaves errno alone. */
bool refusal_is_due(enum refusal refusal);
#else
static inline bool
refusal_is_due(enum refusal refusal UNUSED)
{
	return false;
}
#endif

#endif
