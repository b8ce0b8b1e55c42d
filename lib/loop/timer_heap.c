/* SPDX-License-Identifier: MIT */
#include "lib/loop/timer_heap.h"

#include "lib/base/memory.h"

static void
heap_put(struct timer_heap *heap, size_t index, struct loop_timer *timer)
{
	heap->timers[index] = timer;
	timer->heap_index = index;
}

static void
move_up(struct timer_heap *heap, size_t index, struct loop_timer *timer)
{
	while (index > 1) {
		struct loop_timer *parent = heap->timers[index / 2];

		if (parent->deadline <= timer->deadline)
			break;
		heap_put(heap, index, parent);
		index /= 2;
	}
	heap_put(heap, index, timer);
}

static void
move_down(struct timer_heap *heap, size_t index, struct loop_timer *timer)
{
	for (;;) {
		size_t child = index * 2;

		if (child < heap->count &&
		    heap->timers[child + 1]->deadline <
			heap->timers[child]->deadline)
			child++;
		if (child > heap->count ||
		    heap->timers[child]->deadline >= timer->deadline)
			break;
		heap_put(heap, index, heap->timers[child]);
		index = child;
	}
	heap_put(heap, index, timer);
}

void
timer_heap_add(struct timer_heap *heap, struct loop_timer *timer)
{
	must(timer->heap_index == 0);
	if (heap->count + 1 >= heap->size) {
		heap->size = heap->size == 0 ? 64 : heap->size * 2;
		heap->timers = memory_resize(
		    heap->timers, heap->size * sizeof(struct loop_timer *));
	}
	heap->count++;
	move_up(heap, heap->count, timer);
}

void
timer_heap_remove(struct timer_heap *heap, struct loop_timer *timer)
{
	size_t index = timer->heap_index;
	struct loop_timer *last;

	if (index == 0)
		return;
	must(index <= heap->count && heap->timers[index] == timer);
	timer->heap_index = 0;
	last = heap->timers[heap->count];
	heap->count--;
	if (last == timer)
		return;
	if (index > 1 && heap->timers[index / 2]->deadline > last->deadline)
		move_up(heap, index, last);
	else
		move_down(heap, index, last);
}

struct loop_timer *
timer_heap_first(const struct timer_heap *heap)
{
	return heap->count == 0 ? NULL : heap->timers[1];
}

void
timer_heap_finish(struct timer_heap *heap)
{
	free(heap->timers);
	*heap = (struct timer_heap){0};
}
