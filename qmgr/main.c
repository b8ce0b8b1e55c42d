/* SPDX-License-Identifier: MIT */
/* qmgr: the queue from hand-over to the last report. */
#include "lib/daemon/service.h"

#include "qmgr/arrival.h"
#include "qmgr/claim.h"
#include "qmgr/decide.h"
#include "qmgr/deliver.h"
#include "qmgr/explain.h"
#include "qmgr/finish.h"
#include "qmgr/inflow.h"
#include "qmgr/load.h"
#include "qmgr/operation.h"
#include "qmgr/params.h"
#include "qmgr/quarantine.h"
#include "qmgr/recovery.h"
#include "qmgr/restart.h"
#include "qmgr/scan.h"
#include "qmgr/segments.h"
#include "qmgr/suspects.h"
#include "qmgr/told.h"
#include "qmgr/transcript.h"

static void
begin(void)
{
	static const struct message_events message_events = {
	    .wants_more = load_more,
	    .settled = finish_settled,
	};
	static const struct agents_events agents_events = {
	    .unavailable = deliver_unavailable,
	    .registered = restart_registered,
	    .closed = restart_closed,
	};

	message_open(&message_events);
	claim_open();
	transport_open(deliver_dispatch);
	agents_open(&agents_events);
	restart_open();
	told_open();
	scan_open();
}

static void
client_closed(struct peer *peer, const struct error *error UNUSED)
{
	agents_lost(peer);
	inflow_lost(peer);
	segments_lost(peer);
	if (span_equal(span_text(peer_name(peer)), SPAN("cleanup")))
		scan_want_incoming();
}

static void
control(struct frame *frame)
{
	if (frame->type == MESSAGE_SUSPECTS) {
		quarantine_take(frame);
	} else if (frame->type == MESSAGE_AGENT_DIED) {
		suspects_take_death(frame);
	} else {
		must(frame->type == MESSAGE_AGENTS);
		restart_expect(frame);
	}
}

static bool
is_quiet(void)
{
	return deliver_count() == 0 && decide_is_idle() && finish_count() == 0;
}

static bool
is_idle(void)
{
	return is_quiet() && !segments_are_leaving();
}

static void
drain(void)
{
	deliver_stop();
	segments_leave(is_quiet);
}

static const struct peer_handler handlers[] = {
    {.type = MESSAGE_CLEANUP, .notice = arrival_meet},
    {.type = MESSAGE_ARRIVAL, .notice = arrival_take},
    {.type = MESSAGE_SEGMENT_FULL, .notice = segments_take_full},
    {.type = MESSAGE_AGENT, .notice = agents_register},
    {.type = MESSAGE_AGENT_DRAIN, .notice = agents_drain},
    {.type = MESSAGE_IN_FLIGHT, .notice = restart_in_flight},
    {.type = MESSAGE_TOLD, .notice = told_take},
    {.type = MESSAGE_TRANSCRIPT, .notice = transcript_take},
    {.type = MESSAGE_KEPT, .serve = restart_serve_kept},
    {.type = MESSAGE_LIST_ACTIVE, .serve = operation_list_active},
    {.type = MESSAGE_QUEUE_OPERATION, .serve = operation_serve_flush},
    {.type = MESSAGE_FLUSH_SITE, .serve = operation_flush_site},
};

static const struct peer_handler control_handlers[] = {
    {.type = MESSAGE_LIST_ACTIVE, .serve = operation_list_active},
    {.type = MESSAGE_QUEUE_OPERATION, .serve = operation_serve},
    {.type = MESSAGE_FLUSH_SITE, .serve = operation_flush_site},
    {.type = MESSAGE_EXPLAIN, .serve = explain_serve},
};

/* What is no message is put aside, whatever it is. */
static void
need_queue(void)
{
	sandbox_allow(
	    service_common()->queue_directory, LANDLOCK_USE | LANDLOCK_MOVE);
}

static const struct service service = {
    .program = "qmgr",
    .params = &qmgr_param_set,
    .values = &params,
    .sandbox = {.calls = CALLS_READ | CALLS_LIST | CALLS_WRITE | CALLS_THREADS,
	.needs = need_queue},
    .begin = begin,
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .client_closed = client_closed,
    .control_handlers = control_handlers,
    .control_handler_count = COUNT_OF(control_handlers),
    .drain = drain,
    .is_idle = is_idle,
    .control = control,
};

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--recover") == 0)
		return recovery_main(argc - 1, argv + 1);
	return service_run(&service, argc, argv);
}
