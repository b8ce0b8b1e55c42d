/* SPDX-License-Identifier: MIT */
#include "lib/base/random.h"

#include <sys/random.h>

#include <errno.h>
#include <sysexits.h>

void
random_bytes(void *bytes, size_t count)
{
	char *at = bytes;

	while (count > 0) {
		ssize_t got = getrandom(at, count, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			fatal(EX_OSERR, "getrandom: %s", strerror(errno));
		at += got;
		count -= (size_t)got;
	}
}

uint64_t
random_u64(void)
{
	uint64_t number;

	random_bytes(&number, sizeof number);
	return number;
}

uint64_t
random_below(uint64_t bound)
{
	uint64_t excess;
	uint64_t number;

	must(bound > 0);
	/* Numbers above the last whole multiple of bound would favour the
	 * small results. */
	excess = (UINT64_MAX % bound + 1) % bound;
	do
		number = random_u64();
	while (number > UINT64_MAX - excess);
	return number % bound;
}
