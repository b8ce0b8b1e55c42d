/* SPDX-License-Identifier: MIT */
/* The processes of the traced instance: each has the name it was executed under
 * and a number among those of that name ("smtp" 2), and the system calls it has
 * entered. A process is known by its thread group; its threads share it. */
#ifndef CRASH_TRACEE_H
#define CRASH_TRACEE_H

#include <sys/types.h>

#include "lib/base/hash.h"

#include "call.h"

enum {
	TRACEE_NAME_SIZE = 32
};

struct tracee {
	pid_t pid;
	char name[TRACEE_NAME_SIZE];
	unsigned number;
	uint16_t *calls; /* system call numbers, in their order */
	size_t call_count;
	size_t call_room;
	size_t class_counts[CALL_CLASS_COUNT];
	bool has_received; /* something from a socket: it is past its loader */
	bool is_gone;
};

/* The process that thread `tid` belongs to, found or made. NULL when the kernel
 * no longer knows the thread. */
struct tracee *tracee_find(pid_t tid);
/* Process `pid` has executed a program: from now on it counts as a new one. */
void tracee_executed(pid_t pid);
/* Thread `tid` has ended; its process may have others. */
void tracee_ended(pid_t tid);

/* Counts a system call. */
void tracee_note_call(
    struct tracee *tracee, uint64_t call, enum call_class class);
/* All counts are zero again; processes that are gone are forgotten. */
void tracee_reset_calls(void);

/* Walks all processes, dead ones too; NULL behind the last. */
struct tracee *tracee_at(size_t index);
/* Sends SIGKILL to all of them. */
void tracee_kill_all(void);

#endif
