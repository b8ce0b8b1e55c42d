/* SPDX-License-Identifier: MIT */
#include "master/aside.h"

#include "lib/loop/loop.h"

struct aside {
	struct loop_work at_turn_end;
	struct loop_signal done;
	void (*work)(void *argument);
	void *argument;
};

static void
run(struct loop_work *at_turn_end)
{
	struct aside *aside = at_turn_end->owner;

	aside->work(aside->argument);
	loop_signal_raise(&aside->done);
}

void
aside_run(void (*work)(void *argument), void *argument)
{
	struct aside aside = {.work = work, .argument = argument};

	loop_at_turn_end(&aside.at_turn_end, run, &aside);
	must(loop_signal_wait(&aside.done, LOOP_NO_DEADLINE));
}
