/* SPDX-License-Identifier: MIT */
/* The event loop of the process: descriptors (epoll, edge-triggered), timers,
 * signals, work for the end of a turn, and the one wait primitive. There is one
 * loop a process, so no function takes it as an argument.
 *
 * Everything above is written once, straight-line: loop_wait yields when the
 * caller is a coroutine and polls when it is not, so the same code serves a
 * daemon with 500 sessions, a one-shot command and a unit test. */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "lib/base/error.h"
#include "lib/base/list.h"

/* Deadlines are clock_monotonic() milliseconds. */
#define LOOP_NO_DEADLINE INT64_MAX

/* Cached time of this turn, as clock_monotonic(); read anew outside a turn. */
int64_t loop_now(void);
/* loop_now() + seconds. */
int64_t loop_deadline(int64_t seconds);

/* A descriptor in the loop; embedded in its owner. Each is registered once, for
 * reading and writing, edge-triggered: an owner tries its call first and waits
 * only when it would block (or after a short read, which means drained). At
 * most one coroutine waits for it at a time. */
struct loop_waiter;

struct loop_fd {
	int fd;
	bool hung_up;  /* RDHUP, HUP or ERR seen: read on to 0 before waiting */
	bool readable; /* an edge came that no loop_wait has reported yet */
	bool writable;
	bool reads_only;            /* no edge tells of room for writing */
	struct loop_waiter *waiter; /* the one coroutine in loop_wait */
	/* Called on an event while no coroutine waits; may be NULL. */
	void (*on_event)(struct loop_fd *loop_fd);
	void *owner;
	uint32_t generation; /* the loop's own: tells stale events */
	uint32_t index;      /* 0: not registered */
};

/* Registers `fd` (made non-blocking). `on_event` may be NULL. A regular file,
 * which epoll does not take, counts as always ready. */
void loop_add(struct loop_fd *loop_fd, int fd,
    void (*on_event)(struct loop_fd *loop_fd), void *owner);
/* The same without edges for writing until loop_watch_writing, which an owner
 * calls when a write would block: a UNIX socket tells of room whenever its peer
 * has read, and would wake its owner for nothing. */
void loop_add_reader(struct loop_fd *loop_fd, int fd,
    void (*on_event)(struct loop_fd *loop_fd), void *owner);
/* From now on for reading and writing; an edge comes at once if there is room.
 */
void loop_watch_writing(struct loop_fd *loop_fd);
/* Unregisters; the descriptor stays open. A waiting coroutine is a bug. Safe in
 * the middle of a turn. Harmless when not registered. */
void loop_remove(struct loop_fd *loop_fd);
/* Registers a listening socket with EPOLLEXCLUSIVE, level-triggered. */
void loop_add_listener(struct loop_fd *loop_fd, int fd,
    void (*on_event)(struct loop_fd *loop_fd), void *owner);

enum wait_for {
	WAIT_READ,
	WAIT_WRITE
};

/* The one wait primitive: true when the descriptor may be ready (a spurious
 * wake-up is possible), false when the deadline passed. */
bool loop_wait(
    struct loop_fd *loop_fd, enum wait_for what, int64_t deadline) MUST_USE;

/* Suspends the coroutine (or sleeps) until the deadline. */
void loop_sleep_until(int64_t deadline);

/* A place where one coroutine waits for another piece of code. */
struct loop_signal {
	bool raised;
	struct loop_waiter *waiter;
};

/* Waits until the signal is raised, and lowers it; false at the deadline. In a
 * coroutine only. */
bool loop_signal_wait(struct loop_signal *signal, int64_t deadline) MUST_USE;
/* The waiter is resumed by the loop, later in this turn or in the next. */
void loop_signal_raise(struct loop_signal *signal);

/* A timer; embedded in its owner, zeroed before first use. */
struct loop_timer {
	int64_t deadline;
	void (*action)(struct loop_timer *timer);
	void *owner;
	size_t heap_index; /* 0 when not running */
};

/* (Re)starts it; it fires once. */
void loop_timer_start(struct loop_timer *timer, int64_t deadline,
    void (*action)(struct loop_timer *timer), void *owner);
void loop_timer_stop(struct loop_timer *timer);

/* Runs action(argument) once at the end of this turn (before the loop blocks
 * again). `work` is embedded in its owner, zeroed before first use; adding it
 * twice in a turn runs it once. The actions run in the order of their adding.
 */
struct loop_work {
	struct list node;
	bool pending;
	void (*action)(struct loop_work *work);
	void *owner;
};

void loop_at_turn_end(struct loop_work *work,
    void (*action)(struct loop_work *work), void *owner);
void loop_work_cancel(struct loop_work *work);

/* Calls action() from the loop when the process gets `signal_number`. May be
 * called before loop_run. A program executed by a child gets the default action
 * back without further steps. */
void loop_on_signal(int signal_number, void (*action)(int signal_number));

/* Default actions and an empty signal mask, for a child that goes on without
 * exec. Its loop starts empty: what the parent had registered stays the
 * parent's. */
void loop_signals_reset(void);

/* Runs entry(argument) as a coroutine, beginning within this turn. */
void loop_spawn(void (*entry)(void *argument), void *argument);

/* Turns until loop_stop: timers, descriptors, signals, coroutines that became
 * ready, then the work for the end of the turn until none is left. From the
 * first loop_add on SIGPIPE does nothing. */
void loop_run(void);
/* Ends loop_run (or the next one) after the current turn; from anywhere on the
 * loop's thread. */
void loop_stop(void);

/* A coroutine that runs longer than this without yielding is reported through
 * `report` (milliseconds; 0 = never, the default). */
void loop_set_watchdog(int64_t limit, void (*report)(int64_t took));

#endif
