/* SPDX-License-Identifier: MIT */
/* For processors without a switch of their own. A suspended context is a
 * ucontext_t on its own stack. Every switch costs two system calls. */
#include <ucontext.h>

#include "lib/base/base.h"
#include "lib/loop/switch.h"

/* The lowest bytes of a stack are left to the frames, not to the record that
 * makecontext fills, so any size does that is surely below the real one. */
enum {
	STACK_PART = 32768
};

struct start {
	ucontext_t context;
	void (*entry)(void *argument);
	void *argument;
};

/* makecontext hands over ints only: the pointer comes in two halves. */
static void
switch_start(unsigned high, unsigned low)
{
	uintptr_t address = (uintptr_t)((uint64_t)high << 32 | low);
	struct start *start = (struct start *)address;

	start->entry(start->argument);
	abort();
}

void *
switch_prepare(void *top, void (*entry)(void *argument), void *argument)
{
	uintptr_t place =
	    ((uintptr_t)top - sizeof(struct start)) & ~(uintptr_t)63;
	struct start *start = (struct start *)place;

	must(getcontext(&start->context) == 0);
	start->context.uc_link = NULL;
	start->context.uc_stack.ss_sp = (char *)start - STACK_PART;
	start->context.uc_stack.ss_size = STACK_PART;
	start->entry = entry;
	start->argument = argument;
	makecontext(&start->context, (void (*)(void))switch_start, 2,
	    (unsigned)((uint64_t)place >> 32), (unsigned)place);
	return &start->context;
}

void
switch_swap(void **from, void *to)
{
	ucontext_t here;

	*from = &here;
	must(swapcontext(&here, to) == 0);
}
