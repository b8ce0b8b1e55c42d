/* SPDX-License-Identifier: MIT */
#include "lib/loop/checker.h"

const size_t checker_stack_size = 65536;

unsigned
checker_stack_made(struct checker_stack stack UNUSED)
{
	return 0;
}

void
checker_stack_gone(struct checker_stack stack UNUSED, unsigned id UNUSED)
{
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
