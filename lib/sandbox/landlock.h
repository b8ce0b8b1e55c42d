/* SPDX-License-Identifier: MIT */
/* Which files and ports the process can reach (landlock(7)). The kernel says at
 * run time how much of it there is; what it lacks is not enforced. A value,
 * which belongs to whoever opened it. */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include "lib/base/error.h"

/* What may be done with files. */
enum landlock_access {
	LANDLOCK_READ = 1,  /* read files */
	LANDLOCK_LIST = 2,  /* read directories */
	LANDLOCK_WRITE = 4, /* write, make, rename, remove regular files and
			     * directories */
	LANDLOCK_USE = 7,
	LANDLOCK_MOVE = 16, /* with LANDLOCK_WRITE: rename links, pipes and
			     * sockets (and make them, unless the filter of
			     * system calls forbids it) */
	LANDLOCK_MAP = 8    /* execute, for libraries: with LANDLOCK_READ */
};

/* What is forbidden unless it is allowed. */
enum landlock_subject {
	LANDLOCK_FILES = 1,    /* all that can be done with them */
	LANDLOCK_SPECIALS = 2, /* execute, make devices, sockets and pipes */
	LANDLOCK_BIND = 4,     /* TCP ports, never allowed */
	LANDLOCK_CONNECT = 8,
	LANDLOCK_SIGNALS = 16 /* to processes outside, and abstract sockets */
};

struct landlock {
	int abi;     /* 0: the kernel has none */
	int ruleset; /* -1: none */
	uint64_t handled;
};

/* What the kernel offers: 0 nothing of use, 2 files (5.19), 3 truncation (6.2),
 * 4 TCP (6.7), 5 ioctl (6.10), 6 signals (6.12). */
int landlock_abi(void);

/* A kernel without landlock is no failure. */
bool landlock_open(
    struct landlock *landlock, unsigned subjects, struct error *error) MUST_USE;
/* Allows `access` to what is below `path`, or to that file. */
bool landlock_allow(struct landlock *landlock, const char *path,
    unsigned access, struct error *error) MUST_USE;
/* The same for an open directory. */
bool landlock_allow_fd(struct landlock *landlock, int fd, unsigned access,
    struct error *error) MUST_USE;
/* Puts it in force for good, and closes it. Needs no_new_privs. */
bool landlock_enter(struct landlock *landlock, struct error *error) MUST_USE;
void landlock_close(struct landlock *landlock);

#endif
