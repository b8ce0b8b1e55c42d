/* SPDX-License-Identifier: MIT */
/* Stackful coroutines: a session is a function that reads top to bottom and is
 * suspended where it would block. Only the loop resumes a coroutine, never
 * another coroutine. Stacks (64 KB, 256 KB in sanitizer builds, a guard page
 * below) come from a free list. */
#ifndef LOOP_COROUTINE_H
#define LOOP_COROUTINE_H

#include "lib/base/base.h"

struct coroutine;

/* A coroutine that will run entry(argument) when first resumed; it frees itself
 * when entry returns. */
struct coroutine *coroutine_create(void (*entry)(void *argument),
    void *argument) __attribute__((returns_nonnull));

/* The one that is running, or NULL on the main stack. */
struct coroutine *coroutine_current(void);

/* Gives control back to whoever resumed this coroutine. Saves errno. Must run
 * in a coroutine. */
void coroutine_yield(void);

/* Runs it until it yields or ends. Must not run in a coroutine. */
void coroutine_resume(struct coroutine *coroutine);

/* Coroutines that have not ended. */
size_t coroutine_count(void);

#endif
