/* SPDX-License-Identifier: MIT */
#include "lib/daemon/ending.h"

#include "lib/daemon/intake.h"
#include "lib/daemon/state.h"

enum {
	ENDING_SECONDS = 5, /* to finish once master is gone */
	POLL_INTERVAL = 20  /* milliseconds between looks at is_idle */
};

static bool is_ending;
static struct loop_timer deadline;
static struct loop_work finish;

static bool
has_work(void)
{
	return daemon_state.sessions > 0 || intake_is_serving() ||
	    (daemon_state.service->is_idle != NULL &&
		!daemon_state.service->is_idle());
}

static void
finish_if_idle(struct loop_work *work UNUSED)
{
	if (daemon_state.draining && !has_work())
		loop_stop();
}

void
ending_check(void)
{
	if (daemon_state.draining)
		loop_at_turn_end(&finish, finish_if_idle, NULL);
}

static void
poll_finished(struct loop_timer *timer)
{
	ending_check();
	loop_timer_start(
	    timer, loop_now() + POLL_INTERVAL, poll_finished, NULL);
}

static void
deadline_passed(struct loop_timer *timer UNUSED)
{
	loop_stop();
}

void
ending_drain(int64_t seconds)
{
	static struct loop_timer poll;

	intake_stop();
	if (!daemon_state.draining && daemon_state.service->drain != NULL &&
	    daemon_state.started)
		daemon_state.service->drain();
	daemon_state.draining = true;
	loop_timer_start(
	    &deadline, loop_deadline(seconds), deadline_passed, NULL);
	poll_finished(&poll);
}

void
ending_begin(void)
{
	if (is_ending)
		return;
	is_ending = true;
	if (!daemon_state.started) {
		loop_stop();
		return;
	}
	ending_drain(ENDING_SECONDS);
}
