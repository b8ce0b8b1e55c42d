/* SPDX-License-Identifier: MIT */
/* The processes that deliver: each has dialled us, said for which service, and
 * has a number of slots. Owns them while they are connected or in use. */
#ifndef QMGR_AGENTS_H
#define QMGR_AGENTS_H

#include "lib/ipc/peer.h"

#include "qmgr/transport.h"

struct agent {
	struct list node; /* in its transport's list */
	struct transport *transport;
	struct peer *peer; /* NULL when the connection is gone */
	uint64_t process;
	uint32_t slots;
	uint32_t busy;
	bool is_draining;
};

struct agents_events {
	/* Mail waits in the transport and no agent has come. */
	void (*unavailable)(struct transport *transport);
	void (*registered)(struct agent *agent);
	void (*closed)(struct agent *agent);
};

void agents_open(const struct agents_events *events);

/* Handlers of the notices AGENT and AGENT_DRAIN. */
void agents_register(struct peer *peer, struct frame *frame);
void agents_drain(struct peer *peer, struct frame *frame);
/* A client has gone; harmless when it was no agent. */
void agents_lost(struct peer *peer);
/* NULL when the peer is no agent. */
struct agent *agents_of(struct peer *peer);

/* A slot of the least busy agent, or NULL. */
struct agent *agents_take(struct transport *transport);
/* The same, waiting until `deadline` or the drain; asks master for an agent. */
struct agent *agents_wait(struct transport *transport, int64_t deadline);
void agents_release(struct agent *agent);

/* Mail waits: asks master for an agent if there is none, again every second,
 * until one has come or patience ends. */
void agents_want(struct transport *transport);

/* A slot is free, or may be. */
bool agents_is_available(const struct transport *transport);

#endif
