/* SPDX-License-Identifier: MIT */
#include "local/child/identity.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <grp.h>
#include <linux/capability.h>
#include <unistd.h>

/* glibc leaves capset(2) to libcap. */
static bool
limit_capabilities(uint32_t kept, struct error *error)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {
	    {.effective = kept, .permitted = kept}};

	return syscall(SYS_capset, &header, sets) == 0 ||
	    error_system(error, "capset");
}

bool
identity_keep_change(struct error *error)
{
	return geteuid() != 0 ||
	    limit_capabilities(1U << CAP_SETUID | 1U << CAP_SETGID, error);
}

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
	if (!limit_capabilities(0, error))
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
