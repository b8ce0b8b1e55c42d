/* SPDX-License-Identifier: MIT */
#include "registers.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <elf.h>

bool
registers_read(pid_t tid, struct registers *registers)
{
	struct iovec all = {&registers->all, sizeof registers->all};

	return ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &all) == 0;
}

bool
registers_write(pid_t tid, const struct registers *registers)
{
	struct registers copy = *registers;
	struct iovec all = {&copy.all, sizeof copy.all};

	return ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &all) == 0;
}

#if defined __x86_64__

bool
registers_cancel_call(pid_t tid, struct registers *registers)
{
	struct registers none = *registers;

	none.all.orig_rax = SYS_getpid;
	return registers_write(tid, &none);
}

void
registers_set_argument(
    struct registers *registers, unsigned index, uint64_t value)
{
	unsigned long long *const arguments[] = {
	    &registers->all.rdi,
	    &registers->all.rsi,
	    &registers->all.rdx,
	};

	*arguments[index] = value;
}

void
registers_set_result(struct registers *registers, int64_t value)
{
	registers->all.rax = (unsigned long long)value;
}

#elif defined __aarch64__

bool
registers_cancel_call(pid_t tid, struct registers *registers)
{
	int number = SYS_getpid;
	struct iovec call = {&number, sizeof number};

	(void)registers;
	return ptrace(PTRACE_SETREGSET, tid, (void *)NT_ARM_SYSTEM_CALL,
		   &call) == 0;
}

void
registers_set_argument(
    struct registers *registers, unsigned index, uint64_t value)
{
	registers->all.regs[index] = value;
}

void
registers_set_result(struct registers *registers, int64_t value)
{
	registers->all.regs[0] = (unsigned long long)value;
}

#else
#error "the registers of this processor"
#endif
