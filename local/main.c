/* SPDX-License-Identifier: MIT */
/* local: aliases, and the mailboxes of local users. */
#include "lib/daemon/agent.h"
#include "lib/daemon/service.h"

#include "local/params.h"
#include "local/recipient.h"

static void
begin(void)
{
	agent_begin(recipient_deliver_all);
}

static const struct service service = {
    .program = "local",
    .params = &local_param_set,
    .values = &local_params,
    .begin = begin,
    .drain = agent_drain,
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
