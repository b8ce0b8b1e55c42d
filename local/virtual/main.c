/* SPDX-License-Identifier: MIT */
/* virtual: the mailboxes of virtual_mailbox_domains. */
#include "lib/daemon/agent.h"
#include "lib/daemon/service.h"

#include "local/virtual/params.h"
#include "local/virtual/recipient.h"

static void
begin(void)
{
	agent_begin(recipient_deliver_all);
}

static const struct service service = {
    .program = "virtual",
    .params = &virtual_param_set,
    .values = &virtual_params,
    .begin = begin,
    .drain = agent_drain,
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
