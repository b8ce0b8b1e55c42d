/* SPDX-License-Identifier: MIT */
/* Runs a program that believes it has synced and has not:
 *
 *	without_sync fsync|fdatasync PROGRAM [ARGUMENT ...]
 *
 * The call returns 0 at once in the program and in all that it starts. What
 * loses mail under this and nothing without it shows that a test can find a
 * loss. */
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <err.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/base.h"

static const struct {
	const char *name;
	unsigned number;
} calls[] = {
    {"fsync", SYS_fsync},
    {"fdatasync", SYS_fdatasync},
};

static void
drop(unsigned number)
{
	struct sock_filter filter[] = {
	    BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO), /* error 0: success */
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {COUNT_OF(filter), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		err(EX_OSERR, "seccomp");
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		errx(EX_USAGE, "usage: without_sync call program ...");
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		if (strcmp(argv[1], calls[i].name) != 0)
			continue;
		drop(calls[i].number);
		execv(argv[2], argv + 2);
		err(EX_UNAVAILABLE, "%s", argv[2]);
	}
	errx(EX_USAGE, "%s is none of fsync, fdatasync", argv[1]);
}
