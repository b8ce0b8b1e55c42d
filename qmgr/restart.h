/* SPDX-License-Identifier: MIT */
/* After a restart of qmgr alone: agents go on with what an earlier qmgr gave
 * them, dial us, and report what is in flight and which results they keep. A
 * recipient in flight is not given to anybody else meanwhile; a message found
 * by a scan waits until all agents that live have reported, or 5 s. */
#ifndef QMGR_RESTART_H
#define QMGR_RESTART_H

#include "qmgr/agents.h"
#include "qmgr/message.h"

void restart_open(void);

/* Master's AGENTS: the processes to wait for. */
void restart_expect(struct frame *frame);
/* The events of agents.h. */
void restart_registered(struct agent *agent);
void restart_closed(struct agent *agent);

/* Waits until all have reported; returns at once ever after. */
void restart_wait(void);

/* Handlers of IN_FLIGHT and KEPT. */
void restart_in_flight(struct peer *peer, struct frame *frame);
void restart_serve_kept(struct conversation *conversation, struct frame *first);

/* An agent has this recipient in hand: it goes to message->held. */
bool restart_has(const struct queue_id *id, uint32_t number);
/* The same of any recipient with this number or a higher one. */
bool restart_has_from(const struct queue_id *id, uint32_t first);

#endif
