/* SPDX-License-Identifier: MIT */
/* Which kind of system call a traced thread enters, as far as a fault may be
 * put into it. What a call means depends on its descriptor too: a write to a
 * socket is no write to the disk. */
#ifndef CRASH_CALL_H
#define CRASH_CALL_H

#include <sys/ptrace.h>
#include <sys/types.h>

#include <linux/ptrace.h>

#include "lib/base/span.h"

enum call_class {
	CALL_OTHER,
	CALL_OPEN,
	CALL_CREATE,
	CALL_READ,
	CALL_WRITE,
	CALL_LOG, /* a write to the log file */
	CALL_SYNC,
	CALL_RENAME, /* and link */
	CALL_UNLINK,
	CALL_MKDIR,
	CALL_ALLOCATE, /* and truncate */
	CALL_STAT,
	CALL_LIST,
	CALL_LOCK,
	CALL_CLOSE,
	CALL_ACCEPT,
	CALL_SOCKET,
	CALL_CONNECT,
	CALL_SEND,
	CALL_RECEIVE,
	CALL_WAIT,
	CALL_MAP,
	CALL_FORK,
	CALL_EXEC,
	CALL_MEMORY, /* lib/base/refusal.h: an allocation, */
	CALL_POOL,   /* an object of a pool with a maximum */
	CALL_CLASS_COUNT
};

/* `call` is what PTRACE_GET_SYSCALL_INFO says of thread `tid` at the entry. */
enum call_class call_classify(
    pid_t tid, const struct ptrace_syscall_info *call);

/* It writes to a place that the file has already, which takes no space. */
bool call_is_in_place(pid_t tid, const struct ptrace_syscall_info *call);

const char *call_class_name(enum call_class class);
/* CALL_OTHER when there is no such class. */
enum call_class call_class_find(struct span name);

#endif
