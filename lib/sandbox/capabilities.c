/* SPDX-License-Identifier: MIT */
#include "lib/sandbox/capabilities.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <unistd.h>

enum {
	WORD_BITS = 32,
	NUMBERS_MAXIMUM = 64
};

struct sets {
	struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];
};

/* glibc leaves capget(2) and capset(2) to libcap. */
static bool
read_sets(struct sets *sets)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capget, &header, sets->words) == 0;
}

static bool
has(const struct sets *sets, int number)
{
	uint32_t bit = 1U << (number % WORD_BITS);

	return (sets->words[number / WORD_BITS].effective & bit) != 0;
}

static bool
drop_bounds(uint64_t kept, struct error *error)
{
	for (int number = 0; number < NUMBERS_MAXIMUM; number++) {
		if ((kept & 1ULL << number) != 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0)
			continue;
		/* Beyond the last that this kernel knows. */
		if (errno == EINVAL)
			break;
		return error_system(
		    error, "drop capability %d from the bounding set", number);
	}
	return true;
}

static bool
may_change_rules(void)
{
	struct sets sets = {0};

	return read_sets(&sets) && has(&sets, CAP_SETPCAP);
}

bool
capabilities_bound(uint64_t kept, struct error *error)
{
	return !may_change_rules() || drop_bounds(kept, error);
}

bool
capabilities_lock(struct error *error)
{
	/* Who becomes another user by setresuid(2) loses them, as ever. */
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
	    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
	    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	return !may_change_rules() ||
	    prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) == 0 ||
	    error_system(error, "securebits");
}

bool
capabilities_limit(uint64_t kept, struct error *error)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct sets sets = {0};

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (!read_sets(&sets))
		return error_system(error, "capget");
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		uint32_t word = (uint32_t)(kept >> (i * WORD_BITS));

		sets.words[i].permitted &= word;
		sets.words[i].effective = sets.words[i].permitted;
		sets.words[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, sets.words) == 0 ||
	    error_system(error, "capset");
}

bool
capabilities_are_gone(void)
{
	struct sets sets = {0};

	if (!read_sets(&sets))
		return false;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if (sets.words[i].permitted != 0)
			return false;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}
