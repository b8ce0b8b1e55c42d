/* SPDX-License-Identifier: MIT */
/* All processes that master has started: their numbers, their reaping, their
 * heartbeat, and a way to wait for what happens to them. */
#ifndef MASTER_CREW_H
#define MASTER_CREW_H

#include "master/child.h"
#include "master/key_files.h"

enum {
	CREW_MAXIMUM = 1024
};

struct crew {
	struct child *children[CREW_MAXIMUM]; /* by number */
	uint32_t next_number;
	uint64_t instance; /* of this master; told to every child */
	int log_fd;        /* -1: daemons use syslog */
	struct key_files key_files;
	bool probes;                       /* checks try the sandbox as well */
	const struct child_events *events; /* of processes that serve */
	void *owner;
	struct list waiters;
	struct loop_timer heartbeat;
};

void crew_init(
    struct crew *crew, const struct child_events *events, void *owner);

/* Starts a process for `role`, with the events of the crew. */
bool crew_start(
    struct crew *crew, struct role *role, struct error *error) MUST_USE;
/* Starts one that is alone: it serves `client` (taken; -1: none) or delivers
 * one message, and ends. */
bool crew_start_alone(struct crew *crew, struct role *role, int client,
    struct error *error) MUST_USE;
/* Starts one in check mode, with these events and `owner`. */
bool crew_check(struct crew *crew, struct role *role,
    const struct child_events *events, void *owner,
    struct error *error) MUST_USE;

/* Moves a process to the same role of another generation. */
void crew_move(struct child *child, struct role *role);

/* Another generation takes over: this one is destroyed when its last process
 * has ended, which may be now. */
void crew_retire(struct generation *generation);

/* On SIGCHLD. */
void crew_reap(struct crew *crew);

/* The next living process at *position or behind it, which begins at 0; NULL at
 * the end. The one returned may end meanwhile. */
struct child *crew_next(const struct crew *crew, uint32_t *position);

/* Another log for all of them; the descriptor stays the crew's. */
void crew_set_log(struct crew *crew, int log_fd);

/* Waits until condition(argument) holds, looking again whenever a process
 * changed its state; false at the deadline. In a coroutine only. */
bool crew_wait(struct crew *crew, bool (*condition)(void *argument),
    void *argument, int64_t deadline) MUST_USE;
/* Has every waiter look again. */
void crew_changed(struct crew *crew);

#endif
