/* SPDX-License-Identifier: MIT */
/* cleanup: what comes in becomes a durable queue file. */
#include "lib/daemon/service.h"

#include "cleanup/acceptance.h"
#include "cleanup/arrival.h"
#include "cleanup/committer.h"
#include "cleanup/draft.h"
#include "cleanup/inflow.h"
#include "cleanup/params.h"
#include "cleanup/routing.h"

static bool
open_all(struct error *error)
{
	return draft_open_queue(error) && routing_open(error);
}

static void
connected(void)
{
	inflow_reset();
	committer_tell_again();
}

static void
begin(void)
{
	static const struct peer_handler from_qmgr[] = {
	    {.type = MESSAGE_SEGMENT_FREE, .notice = committer_take_free},
	    {.type = MESSAGE_SEGMENT_ABANDON, .notice = committer_take_abandon},
	    {.type = MESSAGE_INFLOW, .notice = inflow_take},
	};

	routing_begin();
	arrival_begin(from_qmgr, COUNT_OF(from_qmgr), connected);
	committer_begin();
}

static const struct peer_handler handlers[] = {
    {.type = MESSAGE_BEGIN, .serve = acceptance_serve},
};

/* It creates files, and cannot see which others there are. */
static void
need_files(void)
{
	static const char *const directories[] = {"incoming", "hold"};

	for (size_t i = 0; i < COUNT_OF(directories); i++)
		sandbox_allow_fd(service_descriptor(directories[i]),
		    LANDLOCK_READ | LANDLOCK_WRITE);
	routing_need_files();
}

static const struct service service = {
    .program = "cleanup",
    .params = &cleanup_param_set,
    .values = &cleanup_params,
    .sandbox = {.calls = CALLS_READ | CALLS_WRITE | CALLS_THREADS,
	.needs = need_files},
    .open = open_all,
    .begin = begin,
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
