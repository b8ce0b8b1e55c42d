/* SPDX-License-Identifier: MIT */
/* showq: lists the queue for local users, and has it run for them. */
#include "lib/daemon/service.h"

#include "qmgr/showq/caller.h"
#include "qmgr/showq/params.h"
#include "qmgr/showq/session.h"

static bool
open_queue(struct error *error)
{
	return caller_check_list("authorized_mailq_users",
		   span_text(showq_params.authorized_mailq_users), error) &&
	    caller_check_list("authorized_flush_users",
		span_text(showq_params.authorized_flush_users), error) &&
	    session_open(error);
}

static void
need_queue(void)
{
	sandbox_allow(
	    service_common()->queue_directory, LANDLOCK_READ | LANDLOCK_LIST);
}

static const struct service service = {
    .program = "showq",
    .params = &showq_param_set,
    .values = &showq_params,
    .sandbox = {.calls = CALLS_READ | CALLS_LIST | CALLS_THREADS,
	.needs = need_queue},
    .open = open_queue,
    .session = session_serve,
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
