/* SPDX-License-Identifier: MIT */
#include "call.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/refusal.h"

enum kind {
	KIND_ANY,  /* the class says all */
	KIND_OPEN, /* by the flags */
	KIND_FILE, /* by the descriptor */
	KIND_MAP   /* memory, not files */
};

static const char *const names[CALL_CLASS_COUNT] = {
    [CALL_OTHER] = "other",
    [CALL_OPEN] = "open",
    [CALL_CREATE] = "create",
    [CALL_READ] = "read",
    [CALL_WRITE] = "write",
    [CALL_LOG] = "log",
    [CALL_SYNC] = "sync",
    [CALL_RENAME] = "rename",
    [CALL_UNLINK] = "unlink",
    [CALL_MKDIR] = "mkdir",
    [CALL_ALLOCATE] = "allocate",
    [CALL_STAT] = "stat",
    [CALL_LIST] = "list",
    [CALL_LOCK] = "lock",
    [CALL_CLOSE] = "close",
    [CALL_ACCEPT] = "accept",
    [CALL_SOCKET] = "socket",
    [CALL_CONNECT] = "connect",
    [CALL_SEND] = "send",
    [CALL_RECEIVE] = "receive",
    [CALL_WAIT] = "wait",
    [CALL_MAP] = "map",
    [CALL_FORK] = "fork",
    [CALL_EXEC] = "exec",
    [CALL_MEMORY] = "memory",
    [CALL_POOL] = "pool",
};

static const struct {
	unsigned number;
	enum call_class class; /* of a file, where the kind asks */
	enum kind kind;
} calls[] = {
#ifdef SYS_open /* as all of these, not on newer processors */
    {SYS_open, CALL_OPEN, KIND_OPEN},
    {SYS_rename, CALL_RENAME, KIND_ANY},
    {SYS_link, CALL_RENAME, KIND_ANY},
    {SYS_unlink, CALL_UNLINK, KIND_ANY},
    {SYS_rmdir, CALL_UNLINK, KIND_ANY},
    {SYS_mkdir, CALL_MKDIR, KIND_ANY},
    {SYS_stat, CALL_STAT, KIND_ANY},
    {SYS_lstat, CALL_STAT, KIND_ANY},
    {SYS_accept, CALL_ACCEPT, KIND_ANY},
    {SYS_poll, CALL_WAIT, KIND_ANY},
    {SYS_epoll_wait, CALL_WAIT, KIND_ANY},
    {SYS_fork, CALL_FORK, KIND_ANY},
    {SYS_vfork, CALL_FORK, KIND_ANY},
#endif
#ifdef SYS_renameat
    {SYS_renameat, CALL_RENAME, KIND_ANY},
#endif
    {SYS_openat, CALL_OPEN, KIND_OPEN},
    {SYS_renameat2, CALL_RENAME, KIND_ANY},
    {SYS_linkat, CALL_RENAME, KIND_ANY},
    {SYS_unlinkat, CALL_UNLINK, KIND_ANY},
    {SYS_mkdirat, CALL_MKDIR, KIND_ANY},
    {SYS_read, CALL_READ, KIND_FILE},
    {SYS_readv, CALL_READ, KIND_FILE},
    {SYS_pread64, CALL_READ, KIND_FILE},
    {SYS_preadv, CALL_READ, KIND_FILE},
    {SYS_write, CALL_WRITE, KIND_FILE},
    {SYS_writev, CALL_WRITE, KIND_FILE},
    {SYS_pwrite64, CALL_WRITE, KIND_FILE},
    {SYS_pwritev, CALL_WRITE, KIND_FILE},
    {SYS_fsync, CALL_SYNC, KIND_ANY},
    {SYS_fdatasync, CALL_SYNC, KIND_ANY},
    {SYS_sync_file_range, CALL_SYNC, KIND_ANY},
    {SYS_ftruncate, CALL_ALLOCATE, KIND_FILE},
    {SYS_fallocate, CALL_ALLOCATE, KIND_FILE},
    {SYS_fstat, CALL_STAT, KIND_ANY},
    {SYS_newfstatat, CALL_STAT, KIND_ANY},
    {SYS_statx, CALL_STAT, KIND_ANY},
    {SYS_fstatfs, CALL_STAT, KIND_ANY},
    {SYS_getdents64, CALL_LIST, KIND_ANY},
    {SYS_flock, CALL_LOCK, KIND_ANY},
    {SYS_close, CALL_CLOSE, KIND_FILE},
    {SYS_accept4, CALL_ACCEPT, KIND_ANY},
    {SYS_socket, CALL_SOCKET, KIND_ANY},
    {SYS_socketpair, CALL_SOCKET, KIND_ANY},
    {SYS_epoll_create1, CALL_SOCKET, KIND_ANY},
    {SYS_eventfd2, CALL_SOCKET, KIND_ANY},
    {SYS_pipe2, CALL_SOCKET, KIND_ANY},
    {SYS_memfd_create, CALL_SOCKET, KIND_ANY},
    {SYS_connect, CALL_CONNECT, KIND_ANY},
    {SYS_sendto, CALL_SEND, KIND_ANY},
    {SYS_sendmsg, CALL_SEND, KIND_ANY},
    {SYS_recvfrom, CALL_RECEIVE, KIND_ANY},
    {SYS_recvmsg, CALL_RECEIVE, KIND_ANY},
    {SYS_ppoll, CALL_WAIT, KIND_ANY},
    {SYS_epoll_pwait, CALL_WAIT, KIND_ANY},
    {SYS_mmap, CALL_MAP, KIND_MAP},
    {SYS_brk, CALL_MAP, KIND_ANY},
    {SYS_clone, CALL_FORK, KIND_ANY},
    {SYS_clone3, CALL_FORK, KIND_ANY},
    {SYS_execve, CALL_EXEC, KIND_ANY},
    {SYS_execveat, CALL_EXEC, KIND_ANY},
    {REFUSAL_OF_MEMORY, CALL_MEMORY, KIND_ANY},
    {REFUSAL_OF_POOL, CALL_POOL, KIND_ANY},
};

/* What descriptor `fd` of the thread is: a path, "socket:[N]" or the like;
 * empty when it cannot be told. */
static struct span
describe(pid_t tid, uint64_t fd, char *text, size_t size)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tid, (int)fd);
	len = readlink(path, text, size);
	return span_of(text, len > 0 ? (size_t)len : 0);
}

static enum call_class
of_descriptor(pid_t tid, uint64_t fd, enum call_class file)
{
	char text[512];
	struct span target = describe(tid, fd, text, sizeof text);

	if (span_starts(target, SPAN("socket:")))
		return file == CALL_READ ? CALL_RECEIVE
		    : file == CALL_WRITE ? CALL_SEND
					 : CALL_OTHER;
	if (!span_starts(target, SPAN("/")) ||
	    span_starts(target, SPAN("/memfd:")) ||
	    span_starts(target, SPAN("/dev/")))
		return CALL_OTHER;
	return file == CALL_WRITE && span_ends(target, SPAN(".log")) ? CALL_LOG
								     : file;
}

static enum call_class
of_open(const struct ptrace_syscall_info *call)
{
	uint64_t flags = call->entry.args[1];

	if (call->entry.nr == SYS_openat)
		flags = call->entry.args[2];
	return (flags & O_CREAT) != 0 ? CALL_CREATE : CALL_OPEN;
}

enum call_class
call_classify(pid_t tid, const struct ptrace_syscall_info *call)
{
	const uint64_t *args = (const uint64_t *)call->entry.args;
	size_t i = 0;

	while (i < COUNT_OF(calls) && calls[i].number != call->entry.nr)
		i++;
	if (i == COUNT_OF(calls))
		return CALL_OTHER;
	switch (calls[i].kind) {
	case KIND_ANY:
		break;
	case KIND_OPEN:
		return of_open(call);
	case KIND_FILE:
		return of_descriptor(tid, args[0], calls[i].class);
	case KIND_MAP:
		return (int)args[4] < 0 ? CALL_MAP : CALL_OTHER;
	}
	return calls[i].class;
}

bool
call_is_in_place(pid_t tid, const struct ptrace_syscall_info *call)
{
	const uint64_t *args = (const uint64_t *)call->entry.args;
	struct stat status;
	char path[64];

	if (call->entry.nr != SYS_pwrite64)
		return false;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tid, (int)args[0]);
	return stat(path, &status) == 0 &&
	    args[3] + args[2] <= (uint64_t)status.st_size;
}

const char *call_class_name(enum call_class class)
{
	return names[class];
}

enum call_class
call_class_find(struct span name)
{
	for (size_t i = 0; i < CALL_CLASS_COUNT; i++)
		if (span_equal(name, span_text(names[i])))
			return (enum call_class)i;
	return CALL_OTHER;
}
