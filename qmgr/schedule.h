/* SPDX-License-Identifier: MIT */
/* What goes next. A lane is the queue of one transport: its destinations, and
 * for each of them the messages that wait, each with the recipients that one
 * delivery may serve. The choice is a function of this state and the time given
 * (monotonic milliseconds, never less than before): no I/O, no clock.
 *
 * Fresh mail goes before mail that is tried again, and the first recipients of
 * a message before the many that a list has: each age gets its share of the
 * deliveries while others wait, in the lane and in each destination, and
 * retries no more than four fifths of the slots. Destinations of a lane take
 * turns, and the messages of a destination take turns by one delivery each. So
 * a list of ten thousand hardly delays a letter. */
#ifndef QMGR_SCHEDULE_H
#define QMGR_SCHEDULE_H

#include "lib/base/list.h"
#include "lib/base/span.h"

#include "qmgr/concurrency.h"
#include "qmgr/share.h"

struct message;

/* Times in milliseconds. */
struct lane_limits {
	uint32_t recipients; /* of one delivery */
	struct concurrency_limits window;
	int64_t suspension; /* of a dead destination */
	/* The rate delays; 0 = none. After a delivery's end its destination
	 * rests for the one, and has one delivery at a time; after a delivery's
	 * beginning the lane begins no other for the other. */
	int64_t destination_delay;
	int64_t transport_delay;
};

struct lane {
	struct lane_limits limits;
	struct hash *destinations;
	struct list ready[AGE_COUNT]; /* have mail, and may begin it */
	struct list resting;          /* destinations by their end of rest */
	int64_t resting_until;        /* the lane itself; in the past = not */
	uint32_t slots;               /* of all agents together */
	uint32_t busy[AGE_COUNT];
	struct share share;
};

struct destination {
	struct lane *lane;
	struct list ready[AGE_COUNT];   /* nodes in the lane's */
	struct list entries[AGE_COUNT]; /* the first is the next to go */
	struct entry *newest;
	struct share share;
	struct concurrency window;
	struct list resting; /* node in the lane's */
	int64_t resting_until;
	int64_t suspended_until; /* 0 = it is not */
	int64_t finished;        /* when its last delivery ended */
	char reason[256];        /* why it is */
	struct span next_hop;
	struct span key;
	char text[]; /* of both */
};

/* The recipients of one message for one destination that wait. */
struct entry {
	struct list node;       /* in the destination's list */
	struct list of_message; /* in the message's list of entries */
	struct list recipients; /* nodes of the caller's */
	struct destination *destination;
	struct message *message;
	enum schedule_age age;
};

/* What schedule_next chose: the recipients have left the queue. */
struct choice {
	struct destination *destination;
	struct message *message;
	struct list recipients;
	uint32_t count;
	enum schedule_age age;
};

enum schedule_outcome {
	SCHEDULE_GOOD,   /* the destination answered */
	SCHEDULE_FAILED, /* the destination as a whole could not be reached */
	SCHEDULE_NEUTRAL /* nothing was learned about it */
};

void lane_init(struct lane *lane, const struct lane_limits *limits);
void lane_finish(struct lane *lane);

/* The destination called `key`, made when it is new; `next_hop` is what the
 * agent will be told. It lives as long as something waits, runs or is known
 * about it. */
struct destination *schedule_destination(
    struct lane *lane, struct span key, struct span next_hop);

/* True until the suspension has passed, which ends it. */
bool schedule_is_suspended(struct destination *destination, int64_t now);
/* Forgets what is held against it: an administrator's flush. */
void schedule_forgive(struct destination *destination);

/* Adds one recipient of `message`, whose entries are listed in `of_message`.
 * All recipients that are added before another message's share an entry. */
void schedule_add(struct destination *destination, enum schedule_age age,
    struct message *message, struct list *of_message, struct list *recipient);

/* Something could begin if there was an agent. */
bool schedule_is_waiting(const struct lane *lane);

/* The next delivery; false when none may begin now. The caller sees to it that
 * a slot is free. */
bool schedule_next(
    struct lane *lane, int64_t now, struct choice *choice) MUST_USE;
/* When schedule_next has something to do if nothing else happens, not before
 * `now`; SCHEDULE_NEVER when it has to be woken by what is added or ends. */
#define SCHEDULE_NEVER INT64_MAX
int64_t schedule_next_time(const struct lane *lane, int64_t now);

/* A delivery chosen before has ended. True when its destination is dead from
 * now on: the caller takes its mail back with schedule_take_first. The
 * destination may be gone when this returns false. */
bool schedule_finished(struct destination *destination, enum schedule_age age,
    enum schedule_outcome outcome, int64_t now) MUST_USE;
/* Why it is dead, for those who wait. */
void schedule_set_reason(struct destination *destination, struct span reason);

/* Takes the first entry out of the queue, its recipients to the end of
 * *recipients; NULL when nothing waits. */
struct message *schedule_take_first(
    struct destination *destination, struct list *recipients);
/* Takes an entry out of the queue, its recipients to the end of *recipients. */
void schedule_take(struct entry *entry, struct list *recipients);

/* Frees destinations that nothing holds any more: what was learned about one
 * that had no mail for as long as a suspension is forgotten. */
void schedule_sweep(struct lane *lane, int64_t now);

/* What keeps the mail of a destination that waits from going out. */
enum schedule_wait {
	SCHEDULE_WAITS_TURN,   /* nothing: others are before it */
	SCHEDULE_WAITS_SLOT,   /* lane->slots are busy, or there are none */
	SCHEDULE_WAITS_SHARE,  /* retries leave the last slots to fresh mail */
	SCHEDULE_WAITS_WINDOW, /* destination->window is full */
	SCHEDULE_WAITS_DESTINATION_DELAY, /* both are rate delays, */
	SCHEDULE_WAITS_TRANSPORT_DELAY,   /* see struct lane_limits */
	SCHEDULE_WAITS_SUSPENSION         /* destination->reason says why */
};

struct schedule_hold {
	enum schedule_wait wait;
	int64_t until; /* 0 = no time is known */
};

/* Asks about one age of the destination, and changes nothing: for the entries
 * of a message, or for one that schedule_find has found. */
struct schedule_hold schedule_explain(
    const struct destination *destination, enum schedule_age age, int64_t now);
/* As schedule_destination, but NULL when it is not known. */
struct destination *schedule_find(const struct lane *lane, struct span key);

#endif
