/* SPDX-License-Identifier: MIT */
/* Messages that were in hand when a process crashed, as master says (SUSPECTS);
 * segments, too, that were being read as a whole.
 * A suspect is read while nothing else is, and delivered by a process of its
 * own, so that no other message can be blamed for it nor it for another; a
 * guilty one is not touched any more but set aside. */
#ifndef QMGR_SUSPECTS_H
#define QMGR_SUSPECTS_H

#include "lib/ipc/frame.h"
#include "lib/queue/id.h"

struct flight_slot;

/* Master's SUSPECTS, perhaps before anything else; `guilty` is called for each
 * id that is to be set aside, `suspected` for the others. */
struct suspects_events {
	void (*guilty)(const struct queue_id *id);
	void (*suspected)(const struct queue_id *id);
	void (*guilty_segment)(uint32_t segment);
};

void suspects_take(struct frame *frame, const struct suspects_events *events);

bool suspects_has(const struct queue_id *id);
bool suspects_has_guilty(const struct queue_id *id);
/* It has left the queue otherwise. */
void suspects_drop(const struct queue_id *id);
/* The message or segment is set aside: tells master, too. */
void suspects_forget(struct span name);

/* Waits until master has said what it knows, once; in a coroutine. */
void suspects_wait_list(void);

/* Master's AGENT_DIED: whatever it knows of that death was said before. */
void suspects_take_death(struct frame *frame);
/* An agent of this number lives. */
void suspects_note_agent(uint64_t process);
/* Waits for the word on a dead agent, not for ever; in a coroutine. */
void suspects_wait_death(uint64_t process);

/* Around every access to a message's file or record: `what` goes to the flight
 * recorder. Waits while a suspect is being read, and the other way round; in a
 * coroutine. */
struct suspects_access {
	struct flight_slot *slot;
	bool is_alone;
};

void suspects_begin_access(struct suspects_access *access, const char *what,
    const struct queue_id *id);
/* Around what reads whole segments: waits like the other while one of them is
 * suspected. Who reads what is noted by segment_aside.h. */
void suspects_begin_scan(struct suspects_access *access);
void suspects_end_access(struct suspects_access *access);

#endif
