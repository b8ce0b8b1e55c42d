/* SPDX-License-Identifier: MIT */
/* pickup: takes mail from local users at a socket; who they are is the
 * kernel's word. */
#include "lib/daemon/service.h"

#include "pickup/params.h"
#include "pickup/session.h"

static bool
check_users(struct error *error)
{
	return submitter_check_list(
	    span_text(pickup_params.authorized_submit_users), error);
}

static const struct service service = {
    .program = "pickup",
    .params = &pickup_param_set,
    .values = &pickup_params,
    .open = check_users,
    .session = session_serve,
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
