/* SPDX-License-Identifier: MIT */
#include "lib/daemon/agent.h"
#include "lib/daemon/service.h"

#include "smtp/client.h"
#include "smtp/relay.h"
#include "smtp/reuse.h"

static void
begin(void)
{
	agent_begin(relay_deliver);
}

static void
drain(void)
{
	agent_drain();
	reuse_stop();
}

/* A next hop of lmtp may be a UNIX socket. */
static void
need_sockets(void)
{
	if (strcmp(service_program(), "lmtp") == 0)
		sandbox_allow_calls(CALLS_UNIX);
}

int
main(int argc, char **argv)
{
	/* Its parameters depend on the name it runs under: client.c has
	 * them. */
	static const struct service smtp = {
	    .program = "smtp",
	    .sandbox = {.calls = CALLS_TCP | CALLS_TABLES,
		.needs = need_sockets},
	    .open = client_open,
	    .begin = begin,
	    .drain = drain,
	};

	return service_run(&smtp, argc, argv);
}
