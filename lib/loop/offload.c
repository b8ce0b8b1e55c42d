/* SPDX-License-Identifier: MIT */
#include "lib/loop/offload.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/loop/coroutine.h"
#include "lib/loop/loop.h"

enum {
	THREADS_MAXIMUM = 64,
	THREAD_STACK = 1 << 20
};

/* In the queue, then in a thread, then in the list of those that ended. */
struct offload_job {
	struct list node;
	void (*job)(void *argument);
	void (*done)(void *argument);
	void *argument;
};

/* An offload_run in progress. */
struct offload_call {
	void *argument;
	void (*job)(void *argument);
	struct loop_signal ended;
};

/* The pool of the process. What the mutex protects is marked; the rest belongs
 * to the loop's thread. */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t queued_some;
	struct list queued;  /* mutex */
	size_t queued_count; /* mutex */
	struct list ended;   /* mutex */
	unsigned idle;       /* mutex: threads that wait for a job */
	bool finishing;      /* mutex */
	int event_fd;
	struct loop_fd loop_fd;
	pthread_t threads[THREADS_MAXIMUM];
	unsigned thread_count;
	unsigned maximum;
	size_t pending;
} pool = {
    .mutex = PTHREAD_MUTEX_INITIALIZER,
    .queued_some = PTHREAD_COND_INITIALIZER,
    .queued = {&pool.queued, &pool.queued},
    .ended = {&pool.ended, &pool.ended},
    .maximum = THREADS_MAXIMUM,
};

static void
pool_lock(void)
{
	must(pthread_mutex_lock(&pool.mutex) == 0);
}

static void
pool_unlock(void)
{
	must(pthread_mutex_unlock(&pool.mutex) == 0);
}

/* Called locked; returns locked. */
static void
thread_run_job(struct offload_job *job)
{
	uint64_t one = 1;
	bool first;

	pool_unlock();
	job->job(job->argument);
	pool_lock();
	first = list_is_empty(&pool.ended);
	list_add_last(&pool.ended, &job->node);
	/* One wake-up serves all that end before the loop looks. */
	if (first)
		must(write(pool.event_fd, &one, sizeof one) == sizeof one);
}

static void *
thread_main(void *argument UNUSED)
{
	pool_lock();
	for (;;) {
		struct list *node = list_first(&pool.queued);

		if (node != NULL) {
			list_remove(node);
			pool.queued_count--;
			thread_run_job(
			    list_element(node, struct offload_job, node));
			continue;
		}
		if (pool.finishing)
			break;
		pool.idle++;
		must(pthread_cond_wait(&pool.queued_some, &pool.mutex) == 0);
		pool.idle--;
	}
	pool_unlock();
	return NULL;
}

/* Calls back for every job that has ended. */
static void
collect(struct loop_fd *loop_fd UNUSED)
{
	struct list ended;
	struct list *node;
	uint64_t count;

	if (read(pool.event_fd, &count, sizeof count) < 0)
		must(errno == EAGAIN);
	list_init(&ended);
	pool_lock();
	while ((node = list_first(&pool.ended)) != NULL) {
		list_remove(node);
		list_add_last(&ended, node);
	}
	pool_unlock();
	while ((node = list_first(&ended)) != NULL) {
		struct offload_job job =
		    *list_element(node, struct offload_job, node);

		list_remove(node);
		free(list_element(node, struct offload_job, node));
		pool.pending--;
		if (job.done != NULL)
			job.done(job.argument);
	}
}

static void
pool_open(void)
{
	if (pool.loop_fd.index != 0)
		return;
	pool.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pool.event_fd < 0)
		io_give_up("eventfd");
	loop_add(&pool.loop_fd, pool.event_fd, collect, NULL);
}

/* False with errno when the system has no thread to give. */
static bool
thread_start(void)
{
	pthread_attr_t attributes;
	sigset_t all;
	sigset_t before;
	int failure;

	must(pthread_attr_init(&attributes) == 0);
	must(pthread_attr_setstacksize(&attributes, THREAD_STACK) == 0);
	/* A thread inherits its mask: signals are for the loop's thread, but
	 * for that by which the sandbox refuses a system call. */
	sigfillset(&all);
	sigdelset(&all, SIGSYS);
	must(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	failure = pthread_create(
	    &pool.threads[pool.thread_count], &attributes, thread_main, NULL);
	must(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	must(pthread_attr_destroy(&attributes) == 0);
	errno = failure;
	if (failure == 0)
		pool.thread_count++;
	return failure == 0;
}

/* Without any thread the loop does the oldest job itself. */
static void
run_here(void)
{
	struct list *node;

	pool_lock();
	node = list_first(&pool.queued);
	list_remove(node);
	pool.queued_count--;
	thread_run_job(list_element(node, struct offload_job, node));
	pool_unlock();
}

void
offload_start(
    void (*job)(void *argument), void (*done)(void *argument), void *argument)
{
	struct offload_job *entry = memory_alloc(sizeof *entry);
	bool wanted;

	pool_open();
	*entry = (struct offload_job){
	    .job = job, .done = done, .argument = argument};
	pool.pending++;
	pool_lock();
	list_add_last(&pool.queued, &entry->node);
	pool.queued_count++;
	wanted = pool.queued_count > pool.idle;
	must(pthread_cond_signal(&pool.queued_some) == 0);
	pool_unlock();
	if (wanted && pool.thread_count < pool.maximum && !thread_start() &&
	    pool.thread_count == 0)
		run_here();
}

static void
call_job(void *argument)
{
	struct offload_call *call = argument;

	call->job(call->argument);
}

static void
call_ended(void *argument)
{
	struct offload_call *call = argument;

	loop_signal_raise(&call->ended);
}

void
offload_run(void (*job)(void *argument), void *argument)
{
	struct offload_call call = {.argument = argument, .job = job};

	if (coroutine_current() == NULL) {
		job(argument);
		return;
	}
	offload_start(call_job, call_ended, &call);
	must(loop_signal_wait(&call.ended, LOOP_NO_DEADLINE));
}

void
offload_prepare(unsigned threads)
{
	must(threads > 0 && threads <= THREADS_MAXIMUM);
	pool_open();
	while (pool.thread_count < threads)
		if (!thread_start())
			io_give_up("thread");
	pool.maximum = threads;
}

void
offload_finish(void)
{
	pool_lock();
	pool.finishing = true;
	must(pthread_cond_broadcast(&pool.queued_some) == 0);
	pool_unlock();
	while (pool.thread_count > 0) {
		pool.thread_count--;
		must(pthread_join(pool.threads[pool.thread_count], NULL) == 0);
	}
	pool.finishing = false;
}

size_t
offload_pending(void)
{
	return pool.pending;
}
