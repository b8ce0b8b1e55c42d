/* SPDX-License-Identifier: MIT */
#include "qmgr/turn.h"

#include "lib/loop/loop.h"

/* On the stack of the coroutine that waits. */
struct waiter {
	struct list node;
	struct loop_signal signal;
};

void
turn_init(struct turn *turn)
{
	turn->taken = false;
	list_init(&turn->waiters);
}

void
turn_take(struct turn *turn)
{
	struct waiter waiter = {.signal = {0}};

	if (!turn->taken) {
		turn->taken = true;
		return;
	}
	list_add_last(&turn->waiters, &waiter.node);
	/* Whoever gives the turn leaves it taken, for us. */
	must(loop_signal_wait(&waiter.signal, LOOP_NO_DEADLINE));
}

void
turn_give(struct turn *turn)
{
	struct list *node = list_first(&turn->waiters);

	must(turn->taken);
	if (node == NULL) {
		turn->taken = false;
		return;
	}
	list_remove(node);
	loop_signal_raise(&list_element(node, struct waiter, node)->signal);
}
