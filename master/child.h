/* SPDX-License-Identifier: MIT */
/* One process: master's end of its control channel. Created, reaped and freed
 * by the crew. */
#ifndef MASTER_CHILD_H
#define MASTER_CHILD_H

#include "lib/ipc/channel.h"
#include "lib/ipc/messages.h"

#include "master/generation.h"
#include "master/key_files.h"

enum {
	LEVEL_SIZE = 100
};

enum child_state {
	CHILD_STARTING,
	CHILD_READY,
	CHILD_DRAINING
};

struct child;

struct child_events {
	/* START has been sent. May be NULL. */
	void (*begun)(struct child *child);
	/* It is ready, or (`problem` not empty) says why it cannot be. */
	void (*ready)(struct child *child, struct span problem);
	/* A frame of another kind; who wants the descriptor in it takes it and
	 * leaves -1. False = not something this process may send: it is
	 * killed. */
	bool (*frame)(struct child *child, struct frame *frame);
	/* The process has ended; it is in no list any more and freed after
	 * this call. */
	void (*died)(struct child *child);
};

struct child {
	struct list node; /* in role->staff.children; in none when checking */
	struct role *role;
	struct crew *crew;
	const struct child_events *events;
	void *owner;                           /* of a check */
	void (*finished)(struct child *child); /* to the crew */
	pid_t pid;
	uint32_t number;     /* unique among the living */
	uint32_t generation; /* as it was told */
	int client;          /* of one that is alone, until given; or -1 */
	enum child_state state;
	bool is_check;
	bool is_probe;    /* a check that tries the sandbox as well */
	bool is_outgoing; /* its successors are being started */
	bool is_alone;    /* for one client or message, then it ends */
	bool is_hung;     /* was killed for its silence */
	bool is_full;     /* all its sessions are taken */
	bool has_exited;
	int status;          /* of waitpid(2), once it has exited */
	unsigned unanswered; /* pings */
	int64_t ready_at;
	struct channel *channel; /* NULL once closed */
	int flight;              /* recorder, -1 for checks */
	struct loop_timer limit; /* of its state: then it is killed */
	char level[LEVEL_SIZE];  /* of the sandbox, once it is ready */
	struct buf held; /* services it waits for, each ended by a NUL */
	struct key_share keys;
};

/* Sends descriptors and START. False when something cannot be opened; the
 * process is then to be killed. */
bool child_begin(struct child *child, int log_fd, uint64_t instance,
    struct error *error) MUST_USE;
/* child_send_drain(child, &drain, fd) and so on, for every MESSAGE; takes `fd`
 * (-1: none). */
#define MESSAGE(NAME, name, fields)                 \
	void child_send_##name(struct child *child, \
	    const struct message_##name *message, int fd);
#define SIGNAL(NAME)
#define RECORD(name, fields)
#include "lib/ipc/messages.def"
#undef MESSAGE
#undef SIGNAL
#undef RECORD

/* Another log file from now on. */
void child_give_log(struct child *child, int log_fd);
void child_ping(struct child *child);
/* It takes nothing new and ends; killed some time after `seconds`. */
void child_drain(struct child *child, uint32_t seconds);
void child_kill(struct child *child);
/* waitpid(2) has reported it. */
void child_exited(struct child *child, int status);

extern const struct channel_events child_channel_events;

#endif
