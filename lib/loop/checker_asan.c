/* SPDX-License-Identifier: MIT */
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>

#include "lib/loop/checker.h"

const size_t checker_stack_size = 262144;

unsigned
checker_stack_made(struct checker_stack stack)
{
	/* What only a suspended coroutine points to is no leak. */
	__lsan_register_root_region(stack.lowest, stack.size);
	return 0;
}

void
checker_stack_gone(struct checker_stack stack, unsigned id UNUSED)
{
	__asan_unpoison_memory_region(stack.lowest, stack.size);
	__lsan_unregister_root_region(stack.lowest, stack.size);
}

void
checker_stack_reused(struct checker_stack stack)
{
	/* Frames that were left for good never unpoisoned their red zones. */
	__asan_unpoison_memory_region(stack.lowest, stack.size);
}

void
checker_leave(void **state, struct checker_stack to)
{
	__sanitizer_start_switch_fiber(state, to.lowest, to.size);
}

void
checker_arrive(void *state, struct checker_stack *from)
{
	const void *lowest;
	size_t size;

	__sanitizer_finish_switch_fiber(state, &lowest, &size);
	if (from == NULL)
		return;
	memcpy(&from->lowest, &lowest, sizeof lowest);
	from->size = size;
}
