/* SPDX-License-Identifier: MIT */
#include "lib/daemon/service.h"

#include "smtp/agent.h"
#include "smtp/client.h"

int
main(int argc, char **argv)
{
	/* Its parameters depend on the name it runs under: client.c has
	 * them. */
	static const struct service smtp = {
	    .program = "smtp",
	    .open = client_open,
	    .begin = agent_begin,
	    .drain = agent_drain,
	    .is_idle = agent_is_idle,
	};

	return service_run(&smtp, argc, argv);
}
