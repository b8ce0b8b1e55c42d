/* SPDX-License-Identifier: MIT */
/* The registers of a thread that is stopped at a system call. */
#ifndef CRASH_REGISTERS_H
#define CRASH_REGISTERS_H

#include <sys/types.h>
#include <sys/user.h>

#include <stdbool.h>
#include <stdint.h>

struct registers {
	struct user_regs_struct all;
};

bool registers_read(pid_t tid, struct registers *registers);
bool registers_write(pid_t tid, const struct registers *registers);

/* At the entry: the kernel will do no more than say who the caller is, which
 * every sandbox allows. */
bool registers_cancel_call(pid_t tid, struct registers *registers);
/* Of the values read. `index` from 0. */
void registers_set_argument(
    struct registers *registers, unsigned index, uint64_t value);
void registers_set_result(struct registers *registers, int64_t value);

#endif
