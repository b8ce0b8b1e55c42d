/* SPDX-License-Identifier: MIT */
#include "lib/base/refusal.h"

#include <errno.h>
#include <unistd.h>

bool
refusal_is_due(enum refusal refusal)
{
	int saved_errno = errno;
	bool is_due = syscall(refusal) < 0 && errno == ENOMEM;

	errno = saved_errno;
	return is_due;
}
