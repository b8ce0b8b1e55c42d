/* SPDX-License-Identifier: MIT */
/* Running timers ordered by deadline: a binary heap of borrowed pointers. The
 * loop owns the one of the process. */
#ifndef LOOP_TIMER_HEAP_H
#define LOOP_TIMER_HEAP_H

#include "lib/loop/loop.h"

/* Zeroed before first use. */
struct timer_heap {
	struct loop_timer **timers; /* the first is at 1: index 0 means none */
	size_t count;
	size_t size;
};

/* The timer's deadline is set, and it is not in the heap. */
void timer_heap_add(struct timer_heap *heap, struct loop_timer *timer);
/* Harmless when it is not in the heap. */
void timer_heap_remove(struct timer_heap *heap, struct loop_timer *timer);
/* The one with the earliest deadline, or NULL. */
struct loop_timer *timer_heap_first(const struct timer_heap *heap);
/* Frees the memory; forgets timers that still run. */
void timer_heap_finish(struct timer_heap *heap);

#endif
