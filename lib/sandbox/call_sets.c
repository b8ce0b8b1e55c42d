/* SPDX-License-Identifier: MIT */
#include "lib/sandbox/call_sets.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

enum {
	SOCKET_TYPE = ~(SOCK_CLOEXEC | SOCK_NONBLOCK),
	OPEN_TO_CHANGE = O_ACCMODE | O_CREAT | O_TRUNC,
	FILES = CALLS_READ | CALLS_WRITE,
	EVERYONE = CALLS_BASIC
};

#define WHOLE UINT32_MAX /* an int */
#define ALWAYS                  \
	{                       \
		{               \
			0, 0, 0 \
		}               \
	}
#define IS(number, wanted)            \
	{                             \
		number, WHOLE, wanted \
	}
#define TYPE(number, wanted)                          \
	{                                             \
		number, (uint32_t)SOCKET_TYPE, wanted \
	}
#define LACKS(number, bits)     \
	{                       \
		number, bits, 0 \
	}
#define HAS(number, bits)          \
	{                          \
		number, bits, bits \
	}

/* Both of two calls that the C library may choose from are here. */
/* clang-format off */
static const struct call_rule rules[] = {
    {EVERYONE, "read write readv writev pread64 pwrite64 close lseek", 0, ALWAYS},
    {EVERYONE, "recvmsg sendmsg recvfrom sendto sendfile shutdown", 0, ALWAYS},
    {EVERYONE, "poll ppoll getpid getppid gettid getuid geteuid getgid getegid", 0, ALWAYS},
    {EVERYONE, "brk mremap munmap madvise futex getrandom", 0, ALWAYS},
    {EVERYONE, "clock_gettime clock_getres clock_nanosleep nanosleep "
	"gettimeofday time restart_syscall", 0, ALWAYS},
    {EVERYONE, "rt_sigprocmask sigaltstack tgkill", 0, ALWAYS},
    {EVERYONE, "sched_yield set_robust_list rseq exit exit_group", 0, ALWAYS},
    {EVERYONE, "fstat", 0, ALWAYS},
    {EVERYONE, "newfstatat", 0, {HAS(3, AT_EMPTY_PATH)}},
    {EVERYONE, "statx", 0, {HAS(2, AT_EMPTY_PATH)}},
    {EVERYONE, "mmap mprotect", 0, {LACKS(2, PROT_EXEC)}},
    {EVERYONE, "fcntl", 0, {IS(1, F_GETFL)}},
    {EVERYONE, "fcntl", 0, {IS(1, F_SETFL)}},
    {EVERYONE, "fcntl", 0, {IS(1, F_GETFD)}},
    {EVERYONE, "fcntl", 0, {IS(1, F_SETFD)}},
    {EVERYONE, "fcntl", 0, {IS(1, F_DUPFD_CLOEXEC)}},
    /* Limits are read, never set. */
    {EVERYONE, "prlimit64", 0, {{2, UINT64_MAX, 0}}},
    {EVERYONE, "getrlimit", 0, ALWAYS},
    /* rt_sigaction and rt_sigreturn are added by call_filter.c. */

    {CALLS_LOOP, "epoll_wait epoll_pwait epoll_pwait2 epoll_ctl", 0, ALWAYS},
    {CALLS_LOOP, "accept4 getsockopt setsockopt getsockname getpeername", 0,
	ALWAYS},
    {CALLS_LOOP, "ioctl", 0, {IS(1, FIONREAD)}},

    /* Without clone3(2), whose arguments cannot be looked at, the C library
     * falls back to clone(2). */
    {CALLS_THREADS | CALLS_FORK, "clone3", ENOSYS, ALWAYS},
    {CALLS_THREADS, "clone", 0, {HAS(0, CLONE_VM | CLONE_THREAD)}},
    {CALLS_THREADS, "eventfd2 sched_getaffinity", 0, ALWAYS},

    {CALLS_READ, "openat", 0, {LACKS(2, OPEN_TO_CHANGE)}},
    {CALLS_READ, "open", 0, {LACKS(1, OPEN_TO_CHANGE)}},
    {FILES, "newfstatat statx stat lstat readlink readlinkat access faccessat "
	"faccessat2", 0, ALWAYS},
    {FILES, "flock fadvise64", 0, ALWAYS},
    {CALLS_TABLES, "newfstatat", ENOENT, {LACKS(3, AT_EMPTY_PATH)}},
    {CALLS_TABLES, "statx", ENOENT, {LACKS(2, AT_EMPTY_PATH)}},
    {FILES | CALLS_TABLES, "fcntl", 0, {IS(1, F_SETLK)}},
    {FILES | CALLS_TABLES, "fcntl", 0, {IS(1, F_SETLKW)}},
    {FILES | CALLS_TABLES, "fcntl", 0, {IS(1, F_OFD_SETLK)}},
    {FILES | CALLS_TABLES, "fcntl", 0, {IS(1, F_OFD_SETLKW)}},
    {CALLS_SECRETS, "mlock mlock2 munlock", 0, ALWAYS},
    {CALLS_LIST, "getdents64", 0, ALWAYS},

    {CALLS_WRITE, "openat open", 0, ALWAYS},
    {CALLS_WRITE, "pwritev pwritev2 preadv preadv2 fsync fdatasync ftruncate "
	"sync_file_range "
	"fstatfs fallocate umask", 0, ALWAYS},
    {CALLS_WRITE, "unlink unlinkat rename renameat renameat2 link linkat mkdir "
	"mkdirat rmdir", 0, ALWAYS},

    {CALLS_TCP, "socket", 0, {IS(0, AF_INET), TYPE(1, SOCK_STREAM)}},
    {CALLS_TCP, "socket", 0, {IS(0, AF_INET6), TYPE(1, SOCK_STREAM)}},
    {CALLS_UDP, "socket", 0, {IS(0, AF_INET), TYPE(1, SOCK_DGRAM)}},
    {CALLS_UDP, "socket", 0, {IS(0, AF_INET6), TYPE(1, SOCK_DGRAM)}},
    {CALLS_UNIX, "socket", 0, {IS(0, AF_UNIX), TYPE(1, SOCK_STREAM)}},
    {CALLS_SYSLOG, "socket", 0, {IS(0, AF_UNIX), TYPE(1, SOCK_DGRAM)}},
    {CALLS_TCP | CALLS_UDP, "bind", 0, ALWAYS},
    {CALLS_TCP | CALLS_UDP | CALLS_UNIX | CALLS_SYSLOG, "connect", 0, ALWAYS},

    /* Modules are mapped, and nothing that is written to is executed. */
    {CALLS_USERS, "mmap mprotect", 0, {LACKS(2, PROT_WRITE)}},
    {CALLS_USERS, "uname sysinfo", 0, ALWAYS},

    {CALLS_FORK, "clone", 0, {LACKS(0, CLONE_VM | CLONE_NEWUSER | CLONE_NEWNS |
	CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
	CLONE_NEWCGROUP)}},
    {CALLS_FORK, "wait4 waitid dup2 dup3 close_range umask getresuid "
	"getresgid", 0, ALWAYS},
    {CALLS_FORK, "socketpair", 0, {IS(0, AF_UNIX), TYPE(1, SOCK_STREAM)}},
    {CALLS_FORK, "setgroups setresuid setresgid setuid capget capset", 0, ALWAYS},
    {CALLS_CONFINE, "landlock_create_ruleset landlock_add_rule "
	"landlock_restrict_self seccomp", 0, ALWAYS},
    {CALLS_CONFINE, "prctl", 0, {IS(0, PR_SET_NO_NEW_PRIVS)}},
    {CALLS_CONFINE, "prctl", 0, {IS(0, PR_GET_NO_NEW_PRIVS)}},
    {CALLS_CONFINE, "prctl", 0, {IS(0, PR_SET_DUMPABLE), IS(1, 0)}},
    {CALLS_CONFINE, "prctl", 0, {IS(0, PR_SET_SECCOMP)}},
    {CALLS_CONFINE, "prctl", 0, {IS(0, PR_CAP_AMBIENT)}},
};

/* clang-format on */

const struct call_rule *
call_sets_rules(size_t *count)
{
	*count = COUNT_OF(rules);
	return rules;
}
