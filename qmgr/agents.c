/* SPDX-License-Identifier: MIT */
#include "qmgr/agents.h"

#include "lib/base/memory.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"

#include "qmgr/suspects.h"

enum {
	ASK_INTERVAL = 1000, /* milliseconds */
	PATIENCE = 15000,
	WAIT_STEP = 1 /* seconds until a waiter looks about */
};

/* The process has one set of agents. */
static struct agents_events agents_events;

struct waiter {
	struct list node;
	struct loop_signal signal;
};

void
agents_open(const struct agents_events *events)
{
	agents_events = *events;
}

/* As many slots as its agents have; retries are held to a share of them. */
static void
count_slots(struct transport *transport)
{
	transport->lane.slots = 0;
	list_foreach (node, &transport->agents)
		transport->lane.slots +=
		    list_element(node, struct agent, node)->slots;
}

static void
wake_waiters(struct transport *transport)
{
	list_foreach (node, &transport->waiters)
		loop_signal_raise(
		    &list_element(node, struct waiter, node)->signal);
	transport_wake(transport);
}

struct agent *
agents_of(struct peer *peer)
{
	return peer_owner(peer);
}

void
agents_register(struct peer *peer, struct frame *frame)
{
	struct message_agent message;
	struct transport *transport = NULL;
	struct agent *agent;

	if (message_get_agent(frame->payload, &message))
		transport = transport_find(message.service);
	if (transport != NULL && message.alone)
		transport = transport_alone(transport);
	if (transport == NULL || agents_of(peer) != NULL) {
		log_warning(NULL, "%s sent a wrong AGENT", peer_name(peer));
		return;
	}
	agent = memory_zero(sizeof *agent);
	agent->transport = transport;
	agent->peer = peer;
	agent->process = message.process;
	agent->slots = message.slots;
	list_add_last(&transport->agents, &agent->node);
	suspects_note_agent(agent->process);
	peer_set_owner(peer, agent);
	transport->patience_ends = 0;
	transport->unavailable_until = 0;
	loop_timer_stop(&transport->patience);
	count_slots(transport);
	agents_events.registered(agent);
	wake_waiters(transport);
}

void
agents_drain(struct peer *peer, struct frame *frame UNUSED)
{
	struct agent *agent = agents_of(peer);

	if (agent == NULL)
		return;
	agent->is_draining = true;
	agent->slots = 0;
	count_slots(agent->transport);
	transport_wake(agent->transport);
}

static void
free_if_unused(struct agent *agent)
{
	if (agent->peer == NULL && agent->busy == 0)
		free(agent);
}

/* Agents are few: half the cores for a service. */
struct agent *
agents_take(struct transport *transport)
{
	struct agent *best = NULL;

	list_foreach (node, &transport->agents) {
		struct agent *agent = list_element(node, struct agent, node);

		if (agent->busy < agent->slots &&
		    (best == NULL || agent->busy < best->busy))
			best = agent;
	}
	if (best != NULL)
		best->busy++;
	if (best != NULL && transport->is_alone)
		best->slots = 0; /* it ends after this one */
	return best;
}

bool
agents_is_available(const struct transport *transport)
{
	list_foreach (node, &transport->agents) {
		const struct agent *agent =
		    list_element(node, struct agent, node);

		if (agent->busy < agent->slots)
			return true;
	}
	return false;
}

void
agents_release(struct agent *agent)
{
	must(agent->busy > 0);
	agent->busy--;
	wake_waiters(agent->transport);
	free_if_unused(agent);
}

static bool
has_agents(const struct transport *transport)
{
	list_foreach (node, &transport->agents)
		if (!list_element(node, struct agent, node)->is_draining)
			return true;
	return false;
}

static void
tell_want(const struct transport *transport)
{
	struct message_want want = {
	    span_text(transport->name), transport->is_alone};
	struct buf payload;

	buf_init(&payload, FRAME_PAYLOAD_MAXIMUM);
	must(message_put_want(&payload, &want));
	service_tell_master(MESSAGE_WANT, buf_span(&payload));
	buf_finish(&payload);
}

static void
ask(struct loop_timer *timer)
{
	struct transport *transport = timer->owner;

	if (has_agents(transport)) {
		transport->patience_ends = 0;
		return;
	}
	if (loop_now() >= transport->patience_ends) {
		transport->patience_ends = 0;
		agents_events.unavailable(transport);
		return;
	}
	tell_want(transport);
	loop_timer_start(timer, loop_now() + ASK_INTERVAL, ask, transport);
}

void
agents_want(struct transport *transport)
{
	if (transport->patience_ends != 0 || has_agents(transport) ||
	    service_is_draining())
		return;
	transport->patience_ends = loop_now() + PATIENCE;
	transport->patience.owner = transport;
	ask(&transport->patience);
}

void
agents_lost(struct peer *peer)
{
	struct agent *agent = agents_of(peer);

	if (agent == NULL)
		return;
	agent->peer = NULL;
	list_remove(&agent->node);
	count_slots(agent->transport);
	agents_events.closed(agent);
	wake_waiters(agent->transport);
	if (schedule_is_waiting(&agent->transport->lane))
		agents_want(agent->transport);
	free_if_unused(agent);
}

/* False: there is no use in waiting any longer. */
static bool
wait_a_while(struct waiter *waiter, int64_t deadline)
{
	int64_t step = loop_deadline(WAIT_STEP);

	return loop_signal_wait(
		   &waiter->signal, step < deadline ? step : deadline) ||
	    (loop_now() < deadline && !service_is_draining());
}

struct agent *
agents_wait(struct transport *transport, int64_t deadline)
{
	struct waiter waiter = {.signal = {0}};
	struct agent *agent;

	list_add_last(&transport->waiters, &waiter.node);
	while ((agent = agents_take(transport)) == NULL) {
		agents_want(transport);
		if (!wait_a_while(&waiter, deadline))
			break;
	}
	list_remove(&waiter.node);
	return agent;
}
