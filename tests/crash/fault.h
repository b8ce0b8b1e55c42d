/* SPDX-License-Identifier: MIT */
/* A fault that the tracer puts into one system call, or into all that need the
 * disk for a while. There is one at a time. */
#ifndef CRASH_FAULT_H
#define CRASH_FAULT_H

#include "call.h"
#include "tracee.h"

/* "NAME NUMBER CLASS CALL ERROR": the CALLth call of CLASS of that process
 * fails once; of all processes of the name together if NUMBER is 0. With
 * `lasts` it is the first of many: until fault_mend every call of any process
 * that ERROR (ENOSPC, EROFS) is about fails. ERROR is the name of an errno, or
 * "short": half of what was asked for is read or written. False for anything
 * else. */
bool fault_plan(struct span words, bool lasts);
void fault_mend(void);

/* Thread `tid` of the process enters or leaves a call. At the entry the result
 * is true when the planned call was reached just now. */
bool fault_enter(pid_t tid, const struct tracee *tracee, enum call_class class,
    const struct ptrace_syscall_info *call);
void fault_leave(pid_t tid);
/* The thread has ended, maybe within its call. */
void fault_forget(pid_t tid);

#endif
