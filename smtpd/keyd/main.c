/* SPDX-License-Identifier: MIT */
/* keyd: holds private keys and signs TLS handshakes with them. */
#include "lib/daemon/service.h"
#include "lib/log/log.h"

#include "smtpd/keyd/params.h"
#include "smtpd/keyd/supply.h"
#include "smtpd/keyd/vault.h"
#include "smtpd/keyd/worker.h"

static bool
open_vault(struct error *error UNUSED)
{
	struct error problem;

	vault_open();
	supply_open();
	if (!vault_is_locked(&problem))
		log_warning(NULL,
		    "keys may be swapped out: %s (see RLIMIT_MEMLOCK)",
		    problem.text);
	return true;
}

static const struct peer_handler handlers[] = {
    {.type = MESSAGE_SIGN, .serve = worker_serve_sign},
    {.type = MESSAGE_FOLLOW_TICKETS, .serve = worker_serve_tickets},
};

static const struct service service = {
    .program = "keyd",
    .params = &keyd_param_set,
    .values = &keyd_params,
    .sandbox = {.calls = CALLS_SECRETS},
    .open = open_vault,
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
    .client_closed = worker_closed,
    .control = supply_take,
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
