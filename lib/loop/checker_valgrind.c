/* SPDX-License-Identifier: MIT */
#include <valgrind/valgrind.h>

#include "lib/loop/checker.h"

const size_t checker_stack_size = 65536;

unsigned
checker_stack_made(struct checker_stack stack)
{
	/* A few instructions without effect unless valgrind runs us. */
	return (unsigned)VALGRIND_STACK_REGISTER(
	    stack.lowest, (char *)stack.lowest + stack.size);
}

void
checker_stack_gone(struct checker_stack stack UNUSED, unsigned id)
{
	VALGRIND_STACK_DEREGISTER(id);
}

void
checker_stack_reused(struct checker_stack stack UNUSED)
{
}

void
checker_leave(void **state UNUSED, struct checker_stack to UNUSED)
{
}

void
checker_arrive(void *state UNUSED, struct checker_stack *from UNUSED)
{
}
