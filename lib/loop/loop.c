/* SPDX-License-Identifier: MIT */
#include "lib/loop/loop.h"

#include <sys/epoll.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/loop/coroutine.h"
#include "lib/loop/fd_table.h"
#include "lib/loop/signal_catcher.h"
#include "lib/loop/timer_heap.h"

enum {
	EVENT_BATCH = 128,
	/* Coroutines that keep waking each other let the descriptors have
	 * their turn after so many rounds. */
	ROUNDS_MAXIMUM = 8
};

/* A suspended coroutine, for the time of its suspension; lies on its stack, or
 * in memory of its own while the coroutine has not begun. */
struct loop_waiter {
	struct list node; /* in loop.runnable, once it shall go on */
	struct coroutine *coroutine;
	struct loop_timer timer;
	bool expired;
	bool spawned; /* to be freed when the coroutine begins */
};

static struct {
	bool opened;
	bool stopping;
	bool signalled;
	int epoll_fd;
	int64_t now; /* 0 outside a turn */
	struct fd_table fds;
	struct timer_heap timers;
	struct list runnable; /* struct loop_waiter */
	struct list works;    /* struct loop_work */
	struct loop_fd signal_fd;
	int64_t watchdog_limit;
	void (*watchdog_report)(int64_t took);
} loop = {
    .runnable = {&loop.runnable, &loop.runnable},
    .works = {&loop.works, &loop.works},
};

int64_t
loop_now(void)
{
	return loop.now != 0 ? loop.now : clock_monotonic();
}

int64_t
loop_deadline(int64_t seconds)
{
	return loop_now() + seconds * 1000;
}

/* Coroutines that have not begun never will. */
static void
forget_runnable(void)
{
	list_foreach_safe (node, &loop.runnable) {
		struct loop_waiter *waiter =
		    list_element(node, struct loop_waiter, node);

		if (waiter->spawned)
			free(waiter);
	}
	list_init(&loop.runnable);
}

/* In a child: the epoll instance is shared with the parent, and nothing done to
 * it here must reach the parent. */
static void
loop_forget(void)
{
	io_close(&loop.epoll_fd);
	loop.opened = loop.stopping = false;
	loop.now = 0;
	loop.signal_fd.index = 0;
	fd_table_finish(&loop.fds);
	timer_heap_finish(&loop.timers);
	forget_runnable();
	list_init(&loop.works);
}

/* A write to a closed pipe or socket shall fail, not kill. A handler and not
 * SIG_IGN, which an executed program would inherit. */
static void
ignore_signal(int signal_number UNUSED)
{
}

static void
loop_open(void)
{
	static bool prepared;
	struct sigaction ignoring = {
	    .sa_handler = ignore_signal, .sa_flags = SA_RESTART};

	if (loop.opened)
		return;
	loop.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop.epoll_fd < 0)
		io_give_up("epoll_create");
	loop.opened = true;
	sigemptyset(&ignoring.sa_mask);
	must(sigaction(SIGPIPE, &ignoring, NULL) == 0);
	if (!prepared)
		must(pthread_atfork(NULL, NULL, loop_forget) == 0);
	prepared = true;
}

static void
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	must(flags >= 0);
	if ((flags & O_NONBLOCK) == 0)
		must(fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
}

static void
loop_register(struct loop_fd *loop_fd, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events};

	loop_open();
	set_nonblocking(fd);
	loop_fd->fd = fd;
	fd_table_add(&loop.fds, loop_fd);
	event.data.u64 = fd_table_tag(loop_fd);
	if (epoll_ctl(loop.epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
		return;
	if (errno != EPERM)
		io_give_up("epoll_ctl");
	must(fd_table_remove(&loop.fds, loop_fd));
}

void
loop_add(struct loop_fd *loop_fd, int fd,
    void (*on_event)(struct loop_fd *loop_fd), void *owner)
{
	*loop_fd = (struct loop_fd){.on_event = on_event, .owner = owner};
	loop_register(loop_fd, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

void
loop_add_reader(struct loop_fd *loop_fd, int fd,
    void (*on_event)(struct loop_fd *loop_fd), void *owner)
{
	*loop_fd = (struct loop_fd){
	    .on_event = on_event, .owner = owner, .reads_only = true};
	loop_register(loop_fd, fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
}

void
loop_watch_writing(struct loop_fd *loop_fd)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};

	if (!loop_fd->reads_only)
		return;
	loop_fd->reads_only = false;
	event.data.u64 = fd_table_tag(loop_fd);
	must(epoll_ctl(loop.epoll_fd, EPOLL_CTL_MOD, loop_fd->fd, &event) == 0);
}

void
loop_add_listener(struct loop_fd *loop_fd, int fd,
    void (*on_event)(struct loop_fd *loop_fd), void *owner)
{
	*loop_fd = (struct loop_fd){.on_event = on_event, .owner = owner};
	loop_register(loop_fd, fd, EPOLLIN | EPOLLEXCLUSIVE);
}

void
loop_remove(struct loop_fd *loop_fd)
{
	if (!fd_table_remove(&loop.fds, loop_fd))
		return;
	must(loop_fd->waiter == NULL);
	must(epoll_ctl(loop.epoll_fd, EPOLL_CTL_DEL, loop_fd->fd, NULL) == 0);
}

/* Runs a coroutine until it yields. */
static void
loop_resume(struct coroutine *coroutine)
{
	int64_t begun;
	int64_t took;

	if (loop.watchdog_limit == 0) {
		coroutine_resume(coroutine);
		return;
	}
	begun = clock_monotonic();
	coroutine_resume(coroutine);
	took = clock_monotonic() - begun;
	if (took > loop.watchdog_limit && loop.watchdog_limit != 0)
		loop.watchdog_report(took);
}

static void
waiter_expire(struct loop_timer *timer)
{
	struct loop_waiter *waiter = timer->owner;

	waiter->expired = true;
	loop_resume(waiter->coroutine);
}

static void
waiter_init(struct loop_waiter *waiter, int64_t deadline)
{
	*waiter = (struct loop_waiter){.coroutine = coroutine_current()};
	list_init(&waiter->node);
	if (deadline != LOOP_NO_DEADLINE)
		loop_timer_start(
		    &waiter->timer, deadline, waiter_expire, waiter);
}

static void
waiter_finish(struct loop_waiter *waiter)
{
	list_remove(&waiter->node);
	loop_timer_stop(&waiter->timer);
}

/* Milliseconds until `deadline` as poll(2) and epoll_wait(2) want them. */
static int
timeout_until(int64_t deadline, int64_t now)
{
	if (deadline == LOOP_NO_DEADLINE)
		return -1;
	if (deadline <= now)
		return 0;
	return deadline - now < INT_MAX ? (int)(deadline - now) : INT_MAX;
}

/* Outside coroutines the process has nothing else to do. */
static bool
poll_until(struct loop_fd *loop_fd, enum wait_for what, int64_t deadline)
{
	struct pollfd entry = {.fd = loop_fd->fd,
	    .events = what == WAIT_READ ? POLLIN | POLLRDHUP : POLLOUT};

	for (;;) {
		int64_t now = clock_monotonic();
		int ready = poll(&entry, 1, timeout_until(deadline, now));

		must(ready >= 0 || errno == EINTR);
		if (ready > 0)
			break;
		if (ready == 0 && deadline <= clock_monotonic())
			return false;
	}
	if ((entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
		loop_fd->hung_up = true;
	return true;
}

bool
loop_wait(struct loop_fd *loop_fd, enum wait_for what, int64_t deadline)
{
	bool *ready =
	    what == WAIT_READ ? &loop_fd->readable : &loop_fd->writable;
	struct loop_waiter waiter;
	bool came;

	if (coroutine_current() == NULL)
		return poll_until(loop_fd, what, deadline);
	if (loop_fd->index == 0)
		return true;
	must(loop_fd->waiter == NULL);
	waiter_init(&waiter, deadline);
	loop_fd->waiter = &waiter;
	while (!*ready && !waiter.expired)
		coroutine_yield();
	loop_fd->waiter = NULL;
	waiter_finish(&waiter);
	/* The caller tries its call next. What arrives after that try makes a
	 * new edge, so no event is lost by forgetting this one. */
	came = *ready;
	*ready = false;
	/* After a long stall of the process the timer comes first, but the peer
	 * may have been in time. */
	return came || poll_until(loop_fd, what, 0);
}

void
loop_sleep_until(int64_t deadline)
{
	struct loop_waiter waiter;
	int64_t now;

	if (coroutine_current() == NULL) {
		while ((now = clock_monotonic()) < deadline)
			(void)poll(NULL, 0, timeout_until(deadline, now));
		return;
	}
	waiter_init(&waiter, deadline);
	while (!waiter.expired)
		coroutine_yield();
}

bool
loop_signal_wait(struct loop_signal *signal, int64_t deadline)
{
	struct loop_waiter waiter;
	bool raised;

	must(coroutine_current() != NULL && signal->waiter == NULL);
	waiter_init(&waiter, deadline);
	signal->waiter = &waiter;
	while (!signal->raised && !waiter.expired)
		coroutine_yield();
	signal->waiter = NULL;
	waiter_finish(&waiter);
	raised = signal->raised;
	signal->raised = false;
	return raised;
}

void
loop_signal_raise(struct loop_signal *signal)
{
	struct loop_waiter *waiter = signal->waiter;

	signal->raised = true;
	if (waiter != NULL && list_is_empty(&waiter->node))
		list_add_last(&loop.runnable, &waiter->node);
}

void
loop_timer_start(struct loop_timer *timer, int64_t deadline,
    void (*action)(struct loop_timer *timer), void *owner)
{
	timer_heap_remove(&loop.timers, timer);
	timer->deadline = deadline;
	timer->action = action;
	timer->owner = owner;
	timer_heap_add(&loop.timers, timer);
}

void
loop_timer_stop(struct loop_timer *timer)
{
	timer_heap_remove(&loop.timers, timer);
}

void
loop_at_turn_end(
    struct loop_work *work, void (*action)(struct loop_work *work), void *owner)
{
	work->action = action;
	work->owner = owner;
	if (work->pending)
		return;
	work->pending = true;
	list_add_last(&loop.works, &work->node);
}

void
loop_work_cancel(struct loop_work *work)
{
	if (!work->pending)
		return;
	work->pending = false;
	list_remove(&work->node);
}

void
loop_spawn(void (*entry)(void *argument), void *argument)
{
	struct loop_waiter *waiter = memory_zero(sizeof *waiter);

	waiter->coroutine = coroutine_create(entry, argument);
	waiter->spawned = true;
	list_add_last(&loop.runnable, &waiter->node);
}

static void
note_signal(struct loop_fd *loop_fd UNUSED)
{
	loop.signalled = true;
}

void
loop_on_signal(int signal_number, void (*action)(int signal_number))
{
	if (loop.signal_fd.index == 0)
		loop_add(
		    &loop.signal_fd, signal_catcher_fd(), note_signal, NULL);
	signal_catcher_watch(signal_number, action);
}

void
loop_signals_reset(void)
{
	sigset_t none;

	loop_remove(&loop.signal_fd);
	loop.signal_fd.index = 0;
	signal_catcher_reset();
	(void)signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	must(pthread_sigmask(SIG_SETMASK, &none, NULL) == 0);
}

void
loop_set_watchdog(int64_t limit, void (*report)(int64_t took))
{
	loop.watchdog_limit = limit;
	loop.watchdog_report = report;
}

static void
run_timers(void)
{
	/* A timer that restarts itself in the past fires in the next turn. */
	size_t maximum = loop.timers.count;

	while (maximum-- > 0) {
		struct loop_timer *timer = timer_heap_first(&loop.timers);

		if (timer == NULL || timer->deadline > loop.now)
			return;
		timer_heap_remove(&loop.timers, timer);
		timer->action(timer);
	}
}

static void
dispatch(const struct epoll_event *event)
{
	struct loop_fd *loop_fd = fd_table_find(&loop.fds, event->data.u64);
	uint32_t failed = event->events & (EPOLLHUP | EPOLLERR);

	if (loop_fd == NULL)
		return;
	if (failed != 0 || (event->events & EPOLLRDHUP) != 0)
		loop_fd->hung_up = true;
	if (failed != 0 || (event->events & (EPOLLIN | EPOLLRDHUP)) != 0)
		loop_fd->readable = true;
	if (failed != 0 || (event->events & EPOLLOUT) != 0)
		loop_fd->writable = true;
	if (loop_fd->waiter != NULL)
		loop_resume(loop_fd->waiter->coroutine);
	else if (loop_fd->on_event != NULL)
		loop_fd->on_event(loop_fd);
}

static void
run_signals(void)
{
	if (!loop.signalled)
		return;
	loop.signalled = false;
	signal_catcher_dispatch();
}

static void
run_waiter(struct loop_waiter *waiter)
{
	struct coroutine *coroutine = waiter->coroutine;

	list_remove(&waiter->node);
	if (waiter->spawned)
		free(waiter);
	loop_resume(coroutine);
}

static void
run_coroutines(void)
{
	for (int round = 0; round < ROUNDS_MAXIMUM; round++) {
		/* Those added by this round stand behind the mark; a child that
		 * a coroutine forks finds it in the list. */
		struct loop_waiter mark = {.spawned = false};

		if (list_is_empty(&loop.runnable))
			return;
		list_add_last(&loop.runnable, &mark.node);
		while (list_first(&loop.runnable) != &mark.node)
			run_waiter(list_element(list_first(&loop.runnable),
			    struct loop_waiter, node));
		list_remove(&mark.node);
	}
}

static void
run_works(void)
{
	while (!list_is_empty(&loop.works)) {
		struct loop_work *work = list_element(
		    list_first(&loop.works), struct loop_work, node);

		loop_work_cancel(work);
		work->action(work);
	}
}

/* How long epoll_wait may block. */
static int
turn_timeout(void)
{
	const struct loop_timer *timer = timer_heap_first(&loop.timers);

	if (!list_is_empty(&loop.runnable) || !list_is_empty(&loop.works) ||
	    loop.signalled)
		return 0;
	if (timer == NULL)
		return -1;
	return timeout_until(timer->deadline, clock_monotonic());
}

static void
loop_turn(void)
{
	struct epoll_event events[EVENT_BATCH];
	int count =
	    epoll_wait(loop.epoll_fd, events, EVENT_BATCH, turn_timeout());

	must(count >= 0 || errno == EINTR);
	loop.now = clock_monotonic();
	run_timers();
	for (int i = 0; i < count; i++)
		dispatch(&events[i]);
	run_signals();
	run_coroutines();
	run_works();
	loop.now = 0;
}

void
loop_run(void)
{
	loop_open();
	while (!loop.stopping)
		loop_turn();
	loop.stopping = false;
}

void
loop_stop(void)
{
	loop.stopping = true;
}
