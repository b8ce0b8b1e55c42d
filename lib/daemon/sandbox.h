/* SPDX-License-Identifier: MIT */
/* What a daemon keeps when it has opened what it needs. Its main.c declares a
 * struct sandbox_profile in its struct service; the skeleton puts that in force
 * before READY, in this order: files found -> bounding set, securebits ->
 * (root directory, uid: privileges.h) -> capabilities -> no_new_privs, not
 * dumpable -> limits -> landlock -> no new executable memory -> system calls.
 *
 * A profile is what the program does after open(): libraries load their files,
 * modules and random numbers there. What the sandbox refuses is logged by name
 * once ("sandbox: system call openat was refused"), or is the death of the
 * process with `sandbox = strict`, which master logs in the same words; add the
 * set that has it (lib/sandbox/call_sets.h), or do it in open(). */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include "lib/base/error.h"
#include "lib/sandbox/call_sets.h"
#include "lib/sandbox/landlock.h"

struct sandbox_profile {
	/* Those of enum call_set that it needs besides CALLS_BASIC and
	 * CALLS_LOOP, which all have. */
	unsigned calls;
	/* Instead of all sets, also those: names of system calls, space between
	 * them. */
	const char *only_calls;
	/* Says with the functions below which files it needs, and what else
	 * depends on the configuration; called after open(), as the user who
	 * started it. NULL: no more than this. */
	void (*needs)(void);
	/* What stays free for its children, which limit themselves: landlock
	 * forbids them only what none of them needs. */
	bool has_children;
	uint64_t capabilities; /* kept, where it has them: 1 << CAP_SETUID */
};

/* ---- for `needs` ---- */

/* Allows enum landlock_access to `path` and all below it. Where
 * there is none yet, what exists of the way to it is allowed, as far as it is
 * not the root. */
void sandbox_allow(const char *path, unsigned access);
/* The directories of the files that a list of tables names may be read. */
void sandbox_allow_tables(const char *tables);
void sandbox_allow_fd(int fd, unsigned access);
/* These sets as well. */
void sandbox_allow_calls(unsigned calls);

/* ---- for children ---- */

/* What a process that was forked after READY does with calls that are not its
 * to make: as its parent, but nothing wakes. Returns whether it shall limit
 * itself. */
bool sandbox_inherit(void);

/* ---- for the skeleton ---- */

enum {
	SANDBOX_LEVEL_SIZE = 100
};

/* What is to be done before the change of user. */
bool sandbox_prepare(
    const struct sandbox_profile *profile, struct error *error) MUST_USE;
/* The rest, after it. False: it must not serve. */
bool sandbox_enter(
    const struct sandbox_profile *profile, struct error *error) MUST_USE;
/* "uid+chroot+caps+nnp+landlock:7+mdwe+seccomp" of the running process. */
void sandbox_describe(char level[SANDBOX_LEVEL_SIZE]);

/* Tries all that is forbidden (lib/sandbox/act.h). False with their names: some
 * of it is possible. The process must be of no use after it. */
bool sandbox_probe(struct error *error) MUST_USE;

#endif
