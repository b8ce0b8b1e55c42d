/* SPDX-License-Identifier: MIT */
/* Transports as routes name them: a service of master.cf with its limits, its
 * queue (schedule.h) and the agents that deliver for it. Each is made when it
 * is first named and stays. */
#ifndef QMGR_TRANSPORT_H
#define QMGR_TRANSPORT_H

#include "lib/loop/loop.h"

#include "qmgr/schedule.h"

enum transport_kind {
	TRANSPORT_AGENT,
	TRANSPORT_ERROR, /* these three are decided here */
	TRANSPORT_RETRY,
	TRANSPORT_DISCARD,
	TRANSPORT_MISSING /* master.cf has no such service */
};

struct transport {
	struct lane lane;
	enum transport_kind kind;
	bool per_recipient; /* each recipient is a destination */
	struct list agents;
	struct list waiters; /* for a slot, other than the lane */
	struct loop_work work;
	struct loop_timer rate;     /* wakes it when a rate delay is over */
	struct loop_timer patience; /* with agents that do not come */
	int64_t patience_ends;      /* 0 = somebody delivers or nobody waits */
	int64_t unavailable_until;  /* no agent came */
	bool is_alone;              /* for suspects.h: one message per agent */
	struct transport *alone;    /* the same for those; NULL until needed */
	char name[];
};

/* `dispatch` gives what waits in a transport to its agents. */
void transport_open(void (*dispatch)(struct transport *transport));

/* NULL for a name too long to be one. */
struct transport *transport_find(struct span name);
/* The same for messages that have to run alone. */
struct transport *transport_alone(struct transport *transport)
    __attribute__((returns_nonnull));
/* The one that a destination is of. */
struct transport *transport_of(const struct destination *destination);
/* All of them, from a zeroed cursor; NULL at the end. */
struct hash_cursor;
struct transport *transport_next(struct hash_cursor *cursor);

/* Runs dispatch at the end of this turn. */
void transport_wake(struct transport *transport);
/* The same at a time on the loop's clock, in place of one asked for before;
 * SCHEDULE_NEVER takes that back. */
void transport_wake_at(struct transport *transport, int64_t time);

/* Where a recipient waits. */
struct destination *transport_destination(
    struct transport *transport, struct span next_hop, struct span address);
/* The same, NULL when nothing is known of it. */
struct destination *transport_find_destination(
    struct transport *transport, struct span next_hop, struct span address);

#endif
