/* SPDX-License-Identifier: MIT */
#include "lib/daemon/service.h"

#include "smtpd/params.h"
#include "smtpd/server.h"
#include "smtpd/session.h"
#include "smtpd/tls_server.h"

int
main(int argc, char **argv)
{
	static const struct service smtpd = {
	    .program = "smtpd",
	    .params = &smtpd_param_set,
	    .values = &server_calm_params,
	    .sandbox = {.calls = CALLS_TABLES},
	    .open = server_open,
	    .begin = tls_server_begin,
	    .session = session_run,
	    .drain = session_drain_all,
	};

	return service_run(&smtpd, argc, argv);
}
