/* SPDX-License-Identifier: MIT */
/* bounce: writes delivery status notifications. It dials qmgr as the agents do
 * and serves what qmgr asks for on that connection. */
#include "lib/daemon/service.h"
#include "lib/loop/loop.h"

#include "qmgr/bounce/notify.h"
#include "qmgr/bounce/params.h"
#include "qmgr/bounce/wording.h"

enum {
	DIAL_PATIENCE = 60 /* seconds */
};

static bool is_dialling;

static void
dial(void *argument UNUSED)
{
	struct message_agent agent = {
	    .service = span_text(service_name()),
	    .slots = service_dial(),
	    .process = service_process(),
	    .alone = service_is_alone(),
	};
	struct peer *peer = NULL;

	while (peer == NULL && !service_is_draining())
		peer = switchboard_peer(
		    "qmgr", loop_deadline(DIAL_PATIENCE), NULL);
	is_dialling = false;
	if (peer != NULL && !service_is_draining())
		peer_notify_agent(peer, &agent);
}

static void
start_dialling(void)
{
	if (is_dialling || service_is_draining())
		return;
	is_dialling = true;
	loop_spawn(dial, NULL);
}

static void
connection_lost(struct peer *peer UNUSED, const struct error *error UNUSED)
{
	start_dialling();
}

static void
begin(void)
{
	static const struct peer_handler handlers[] = {
	    {.type = MESSAGE_NOTIFY, .takes_fd = true, .serve = notify_serve},
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
    .open = wording_open,
    .begin = begin,
    .drain = drain,
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
