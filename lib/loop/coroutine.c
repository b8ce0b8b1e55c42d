/* SPDX-License-Identifier: MIT */
#include "lib/loop/coroutine.h"

#include <errno.h>

#include "lib/base/memory.h"
#include "lib/loop/checker.h"
#include "lib/loop/switch.h"

/* Stacks kept for reuse; more than that go back to the kernel. */
enum {
	FREE_MAXIMUM = 256
};

/* Lies at the top of its own stack, so that an idle coroutine touches as few
 * pages as possible. */
struct coroutine {
	void (*entry)(void *argument);
	void *argument;
	void *context; /* where to go on, while it is suspended */
	void *checker_state;
	struct coroutine *next_free;
	struct checker_stack stack;
	unsigned checker_id;
	bool ended;
};

/* All coroutines of the process. */
static struct {
	struct coroutine *current;
	struct coroutine *free;
	size_t free_count;
	size_t count;
	void *main_context; /* where coroutine_resume goes on */
	void *main_checker_state;
	struct checker_stack main_stack;
} coroutines;

/* A coroutine record at the top of a stack of its own. */
static struct coroutine *
coroutine_take(void)
{
	struct coroutine *coroutine = coroutines.free;
	struct checker_stack stack;

	if (coroutine != NULL) {
		coroutines.free = coroutine->next_free;
		coroutines.free_count--;
		checker_stack_reused(coroutine->stack);
		return coroutine;
	}
	stack.size = checker_stack_size;
	stack.lowest = memory_map_stack(stack.size);
	coroutine = (struct coroutine *)((char *)stack.lowest + stack.size) - 1;
	coroutine->stack = stack;
	coroutine->checker_id = checker_stack_made(stack);
	return coroutine;
}

static void
coroutine_free(struct coroutine *coroutine)
{
	struct checker_stack stack = coroutine->stack;

	if (coroutines.free_count < FREE_MAXIMUM) {
		coroutine->next_free = coroutines.free;
		coroutines.free = coroutine;
		coroutines.free_count++;
		return;
	}
	checker_stack_gone(stack, coroutine->checker_id);
	memory_unmap_stack(stack.lowest, stack.size);
}

/* The first frame of every coroutine. */
static void
coroutine_begin(void *argument)
{
	struct coroutine *coroutine = argument;

	checker_arrive(NULL, &coroutines.main_stack);
	coroutine->entry(coroutine->argument);
	coroutine->ended = true;
	checker_leave(NULL, coroutines.main_stack);
	switch_swap(&coroutine->context, coroutines.main_context);
	must(!coroutine->ended);
}

struct coroutine *
coroutine_create(void (*entry)(void *argument), void *argument)
{
	struct coroutine *coroutine = coroutine_take();

	coroutine->entry = entry;
	coroutine->argument = argument;
	coroutine->ended = false;
	coroutine->checker_state = NULL;
	coroutine->context =
	    switch_prepare(coroutine, coroutine_begin, coroutine);
	coroutines.count++;
	return coroutine;
}

struct coroutine *
coroutine_current(void)
{
	return coroutines.current;
}

void
coroutine_yield(void)
{
	struct coroutine *coroutine = coroutines.current;
	int saved_errno = errno;

	must(coroutine != NULL);
	checker_leave(&coroutine->checker_state, coroutines.main_stack);
	switch_swap(&coroutine->context, coroutines.main_context);
	checker_arrive(coroutine->checker_state, &coroutines.main_stack);
	errno = saved_errno;
}

void
coroutine_resume(struct coroutine *coroutine)
{
	must(coroutines.current == NULL);
	coroutines.current = coroutine;
	checker_leave(&coroutines.main_checker_state, coroutine->stack);
	switch_swap(&coroutines.main_context, coroutine->context);
	checker_arrive(coroutines.main_checker_state, NULL);
	coroutines.current = NULL;
	if (!coroutine->ended)
		return;
	coroutines.count--;
	coroutine_free(coroutine);
}

size_t
coroutine_count(void)
{
	return coroutines.count;
}
