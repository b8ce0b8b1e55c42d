/* SPDX-License-Identifier: MIT */
#include "smtp/agent.h"

#include "lib/base/list.h"
#include "lib/daemon/flight.h"
#include "lib/daemon/service.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"

#include "smtp/delivery.h"
#include "smtp/report.h"
#include "smtp/reuse.h"

enum {
	DIAL_PATIENCE = 30, /* seconds */
	DIAL_PAUSE = 1
};

/* A delivery that qmgr has not acknowledged. */
struct job {
	struct list node;
	struct request request;
	struct loop_signal connected; /* a new qmgr is there */
};

static struct {
	struct peer *qmgr; /* NULL: not connected */
	struct loop_signal lost;
	struct list jobs;
} agent;

/* ---- one delivery ---- */

/* The qmgr that asked is gone: its successor gets the results. They are kept in
 * this coroutine, so the process cannot end before they are delivered. */
static void
report_to_successor(struct job *job)
{
	struct error error;

	for (;;) {
		if (agent.qmgr != NULL &&
		    report_send_kept(&job->request, agent.qmgr, &error))
			return;
		if (agent.qmgr == NULL)
			(void)!loop_signal_wait(
			    &job->connected, LOOP_NO_DEADLINE);
		else
			loop_sleep_until(loop_deadline(DIAL_PAUSE));
	}
}

static void
perform(struct job *job, struct conversation *conversation)
{
	struct flight_slot *slot =
	    flight_begin("deliver", job->request.message.queue_id);
	struct error error;

	list_add_last(&agent.jobs, &job->node);
	delivery_run(&job->request);
	flight_end(slot);
	if (!report_send(&job->request, conversation, &error))
		report_to_successor(job);
	list_remove(&job->node);
}

static void
serve_deliver(struct conversation *conversation, struct frame *first)
{
	struct job job = {.connected = {0}};
	struct error error;

	service_session_begin();
	if (request_receive(&job.request, conversation, first, &error))
		perform(&job, conversation);
	else
		log_warning(
		    &job.request.log, "delivery request: %s", error.text);
	request_finish(&job.request);
	service_session_end();
}

/* ---- the connection to qmgr ---- */

static void
closed(struct peer *peer, const struct error *error)
{
	if (agent.qmgr != peer)
		return;
	if (!service_is_draining())
		log_warning(NULL, "connection to qmgr lost: %s", error->text);
	agent.qmgr = NULL;
	loop_signal_raise(&agent.lost);
}

/* What is in hand comes before anything that a new qmgr may think of. */
static void
introduce(struct peer *qmgr)
{
	struct message_agent message = {
	    .service = span_text(service_name()),
	    .slots = service_dial(),
	    .process = service_process(),
	};

	agent.qmgr = qmgr;
	peer_notify_agent(qmgr, &message);
	list_foreach (node, &agent.jobs) {
		struct job *job = list_element(node, struct job, node);

		report_in_flight(&job->request, qmgr);
		loop_signal_raise(&job->connected);
	}
	if (service_is_draining())
		peer_notify(qmgr, MESSAGE_AGENT_DRAIN, SPAN_EMPTY);
}

static bool
is_wanted(void)
{
	return !service_is_draining() || !list_is_empty(&agent.jobs);
}

static void
stay_connected(void *argument UNUSED)
{
	struct peer *qmgr;

	while (is_wanted()) {
		qmgr = switchboard_peer(
		    "qmgr", loop_deadline(DIAL_PATIENCE), NULL);
		if (qmgr == NULL) {
			loop_sleep_until(loop_deadline(DIAL_PAUSE));
			continue;
		}
		introduce(qmgr);
		(void)!loop_signal_wait(&agent.lost, LOOP_NO_DEADLINE);
	}
}

void
agent_begin(void)
{
	static const struct peer_handler handlers[] = {
	    {.type = MESSAGE_DELIVER, .serve = serve_deliver},
	};
	static const struct peer_settings settings = {
	    .handlers = handlers,
	    .handler_count = COUNT_OF(handlers),
	    .closed = closed,
	};

	list_init(&agent.jobs);
	switchboard_set("qmgr", &settings);
	loop_spawn(stay_connected, NULL);
}

void
agent_drain(void)
{
	if (agent.qmgr != NULL)
		peer_notify(agent.qmgr, MESSAGE_AGENT_DRAIN, SPAN_EMPTY);
	reuse_stop();
}

bool
agent_is_idle(void)
{
	return list_is_empty(&agent.jobs);
}
