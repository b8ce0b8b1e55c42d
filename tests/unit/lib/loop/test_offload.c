/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "lib/loop/coroutine.h"
#include "lib/loop/loop.h"
#include "lib/loop/offload.h"

#include "../../unit.h"

enum {
	JOBS = 200
};

struct task {
	pthread_t main_thread;
	bool elsewhere;
	bool masked;
	bool done;
	unsigned *remaining;
};

static void
work(void *argument)
{
	struct task *task = argument;
	sigset_t mask;

	usleep(500);
	task->elsewhere = !pthread_equal(pthread_self(), task->main_thread);
	task->masked = pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 &&
	    sigismember(&mask, SIGTERM) == 1;
}

static void
finish(void *argument)
{
	struct task *task = argument;

	task->done = task->elsewhere && task->masked;
	if (--*task->remaining == 0)
		loop_stop();
}

static void
in_coroutine(void *argument)
{
	struct task *task = argument;

	offload_run(work, task);
	finish(task);
}

static void
outside_runs_here(void **state UNUSED)
{
	struct task task = {.main_thread = pthread_self(), .elsewhere = true};

	offload_run(work, &task);
	assert_false(task.elsewhere);
	assert_int_equal(offload_pending(), 0);
}

static void
run_tasks(void (*start)(struct task *task))
{
	static struct task tasks[JOBS];
	unsigned remaining = JOBS;

	for (size_t i = 0; i < JOBS; i++) {
		tasks[i] = (struct task){
		    .main_thread = pthread_self(), .remaining = &remaining};
		start(&tasks[i]);
	}
	loop_run();
	assert_int_equal(remaining, 0);
	for (size_t i = 0; i < JOBS; i++)
		assert_true(tasks[i].done);
	assert_int_equal(offload_pending(), 0);
	assert_int_equal(coroutine_count(), 0);
}

static void
start_coroutine(struct task *task)
{
	loop_spawn(in_coroutine, task);
}

static void
start_job(struct task *task)
{
	offload_start(work, finish, task);
}

static void
coroutines_sleep_meanwhile(void **state UNUSED)
{
	run_tasks(start_coroutine);
}

static void
completions_call_back(void **state UNUSED)
{
	run_tasks(start_job);
	assert_int_equal(offload_pending(), 0);
}

static void
prepared_pool_serves(void **state UNUSED)
{
	offload_prepare(64);
	run_tasks(start_job);
	offload_finish();
	run_tasks(start_job);
}

static int
end_threads(void **state UNUSED)
{
	offload_finish();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(outside_runs_here),
	    cmocka_unit_test(coroutines_sleep_meanwhile),
	    cmocka_unit_test(completions_call_back),
	    cmocka_unit_test(prepared_pool_serves),
	};

	return cmocka_run_group_tests(tests, NULL, end_threads);
}
