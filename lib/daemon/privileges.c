/* SPDX-License-Identifier: MIT */
#include "lib/daemon/privileges.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <grp.h>
#include <signal.h>
#include <unistd.h>

bool
privileges_give_up(uid_t uid, gid_t gid, const char *root, struct error *error)
{
	uid_t uids[3];
	gid_t gids[3];

	if (uid == 0)
		return error_set(
		    error, ERROR_INVALID, "refusing to serve as root");
	if (root[0] != '\0' && (chroot(root) < 0 || chdir("/") < 0))
		return error_system(error, "chroot to %s", root);
	if (setgroups(0, NULL) < 0)
		return error_system(error, "setgroups");
	if (setresgid(gid, gid, gid) < 0)
		return error_system(error, "setresgid %u", (unsigned)gid);
	if (setresuid(uid, uid, uid) < 0)
		return error_system(error, "setresuid %u", (unsigned)uid);
	must(getresuid(&uids[0], &uids[1], &uids[2]) == 0);
	must(getresgid(&gids[0], &gids[1], &gids[2]) == 0);
	for (int i = 0; i < 3; i++)
		must(uids[i] == uid && gids[i] == gid);
	must(setuid(0) < 0);
	return true;
}

void
privileges_harden(void)
{
	struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
	must(prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == 0);
}
