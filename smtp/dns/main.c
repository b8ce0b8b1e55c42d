/* SPDX-License-Identifier: MIT */
#include "lib/daemon/service.h"

#include "smtp/dns/desk.h"
#include "smtp/dns/params.h"

static struct dns_params params;

static bool
open_desk(struct error *error)
{
	return desk_open(&params, error);
}

static void
need_files(void)
{
	sandbox_allow_tables("/etc/resolv.conf /etc/hosts");
}

int
main(int argc, char **argv)
{
	static const struct peer_handler handlers[] = {
	    {.type = MESSAGE_DNS_QUERY, .serve = desk_serve},
	};
	static const struct service dns = {
	    .program = "dns",
	    .params = &dns_param_set,
	    .values = &params,
	    .sandbox = {.calls = CALLS_UDP | CALLS_TCP | CALLS_READ,
		.needs = need_files},
	    .open = open_desk,
	    .handlers = handlers,
	    .handler_count = COUNT_OF(handlers),
	};

	return service_run(&dns, argc, argv);
}
