/* SPDX-License-Identifier: MIT */
/* bounce: writes delivery status notifications. It dials qmgr as the agents do
 * and serves what qmgr asks for on that connection. */
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"

#include "qmgr/bounce/notify.h"
#include "qmgr/bounce/params.h"
#include "qmgr/bounce/told.h"
#include "qmgr/bounce/transcript.h"
#include "qmgr/bounce/wording.h"

enum {
	DIAL_PATIENCE = 60,      /* seconds */
	NOTICES_PATIENCE = 4000, /* milliseconds */
	POLL_INTERVAL = 20       /* the same */
};

static struct {
	struct peer *qmgr; /* NULL: no connection */
	bool is_dialling;
} connection;

/* What is being made for the qmgr that died has to be told to this one, which
 * waits for us a little longer. */
static void
wait_for_notices(void)
{
	int64_t deadline = loop_now() + NOTICES_PATIENCE;

	while (notify_count() > 0 && loop_now() < deadline)
		loop_sleep_until(loop_now() + POLL_INTERVAL);
}

static void
introduce(struct peer *qmgr)
{
	struct message_agent agent = {
	    .service = span_text(service_name()),
	    .slots = service_dial(),
	    .process = service_process(),
	    .alone = service_is_alone(),
	};

	told_send(qmgr);
	if (!service_is_draining())
		peer_notify_agent(qmgr, &agent);
}

static void
dial(void *argument UNUSED)
{
	while (connection.qmgr == NULL && !service_is_draining()) {
		connection.qmgr = switchboard_peer(
		    "qmgr", loop_deadline(DIAL_PATIENCE), NULL);
		if (connection.qmgr != NULL)
			wait_for_notices();
	}
	connection.is_dialling = false;
	if (connection.qmgr != NULL)
		introduce(connection.qmgr);
}

static void
start_dialling(void)
{
	if (connection.is_dialling || service_is_draining())
		return;
	connection.is_dialling = true;
	loop_spawn(dial, NULL);
}

static void
connection_lost(struct peer *peer UNUSED, const struct error *error UNUSED)
{
	connection.qmgr = NULL;
	start_dialling();
}

static void
begin(void)
{
	static const struct peer_handler handlers[] = {
	    {.type = MESSAGE_NOTIFY, .takes_fd = true, .serve = notify_serve},
	    {.type = MESSAGE_TRANSCRIPT, .serve = transcript_serve},
	};
	static const struct peer_settings settings = {
	    .handlers = handlers,
	    .handler_count = COUNT_OF(handlers),
	    .closed = connection_lost,
	};

	switchboard_set("qmgr", &settings);
	start_dialling();
}

static void
tell_drain(void *argument UNUSED)
{
	struct peer *peer = switchboard_peer("qmgr", loop_now(), NULL);

	if (peer != NULL)
		peer_notify(peer, MESSAGE_AGENT_DRAIN, SPAN_EMPTY);
}

static void
drain(void)
{
	loop_spawn(tell_drain, NULL);
}

static const struct service service = {
    .program = "bounce",
    .params = &bounce_param_set,
    .values = &bounce_params,
    .sandbox = {.calls = CALLS_THREADS},
    .open = wording_open,
    .begin = begin,
    .drain = drain,
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
