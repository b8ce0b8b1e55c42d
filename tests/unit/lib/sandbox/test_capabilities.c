/* SPDX-License-Identifier: MIT */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <linux/capability.h>
#include <unistd.h>

#include "lib/sandbox/capabilities.h"

#include "../../unit.h"

static bool
lose_all(void)
{
	return capabilities_bound(0, NULL) && capabilities_lock(NULL) &&
	    capabilities_limit(0, NULL) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    capabilities_are_gone() &&
	    (getuid() != 0 || prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0) == 0);
}

/* What launcher does; without root there is nothing to keep. */
static bool
keep_one(void)
{
	const uint64_t kept = 1U << CAP_SETUID;

	if (getuid() != 0)
		return capabilities_bound(kept, NULL);
	return capabilities_bound(kept, NULL) && capabilities_lock(NULL) &&
	    capabilities_limit(kept, NULL) && !capabilities_are_gone() &&
	    prctl(PR_CAPBSET_READ, CAP_SETUID, 0, 0, 0) == 1 &&
	    prctl(PR_CAPBSET_READ, CAP_SETGID, 0, 0, 0) == 0 &&
	    setresgid(1, 1, 1) < 0 && setresuid(1, 1, 1) == 0 &&
	    setresuid(0, 0, 0) < 0;
}

static void
run(bool (*test)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(test() ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
test_all(void **state UNUSED)
{
	run(lose_all);
}

static void
test_some(void **state UNUSED)
{
	run(keep_one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
