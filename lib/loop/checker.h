/* SPDX-License-Identifier: MIT */
/* What memory checkers must be told about stacks that are not the thread's own.
 * checker_asan.c, checker_valgrind.c and checker_none.c implement it; CMake
 * picks one. */
#ifndef LOOP_CHECKER_H
#define LOOP_CHECKER_H

#include "lib/base/base.h"

/* Bytes of stack that a coroutine gets; instrumented frames are larger. */
extern const size_t checker_stack_size;

struct checker_stack {
	void *lowest;
	size_t size;
};

/* A stack is about to be used for the first time, and will be unmapped. The
 * value returned by the first goes to the second. */
unsigned checker_stack_made(struct checker_stack stack);
void checker_stack_gone(struct checker_stack stack, unsigned id);
/* A stack that served another coroutine is about to be used again. */
void checker_stack_reused(struct checker_stack stack);

/* Before leaving for the stack `to`; *state is kept for the return. A NULL
 * state: this stack is left for good. */
void checker_leave(void **state, struct checker_stack to);
/* First thing on arrival, with the state of the last leave (NULL when there was
 * none); the stack we came from goes to *from unless it is NULL. */
void checker_arrive(void *state, struct checker_stack *from);

#endif
