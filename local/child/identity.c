/* SPDX-License-Identifier: MIT */
#include "local/child/identity.h"

#include <sys/prctl.h>

#include <grp.h>
#include <unistd.h>

#include "lib/sandbox/capabilities.h"

static bool
change(const struct identity *identity, struct error *error)
{
	uid_t uid = identity->uid;
	gid_t gid = identity->gid;

	if (setgroups(0, NULL) < 0)
		return error_system(error, "setgroups");
	if (setresgid(gid, gid, gid) < 0)
		return error_system(error, "setresgid %u", (unsigned)gid);
	if (setresuid(uid, uid, uid) < 0)
		return error_system(error, "setresuid %u", (unsigned)uid);
	if (!capabilities_limit(0, error))
		return false;
	must(geteuid() == uid && getegid() == gid);
	must(uid == 0 || setuid(0) < 0);
	return true;
}

bool
identity_assume(const struct identity *identity, struct error *error)
{
	if (identity->changes && !change(identity, error))
		return false;
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
	return true;
}
