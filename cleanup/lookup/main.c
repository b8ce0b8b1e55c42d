/* SPDX-License-Identifier: MIT */
/* lookup: tables and routes for those who cannot open them. */
#include "lib/daemon/service.h"

#include "cleanup/lookup/answers.h"
#include "cleanup/lookup/params.h"
#include "cleanup/lookup/readers.h"
#include "cleanup/lookup/recipient.h"
#include "cleanup/lookup/users.h"

static const struct peer_handler handlers[] = {
    {.type = MESSAGE_CHECK_RECIPIENT, .serve = recipient_serve},
    {.type = MESSAGE_ROUTE, .serve = answers_serve_route},
    {.type = MESSAGE_LOOKUP, .serve = answers_serve_lookup},
    {.type = MESSAGE_LOOKUP_USER, .serve = users_serve},
};

static const struct service service = {
    .program = "lookup",
    .params = &lookup_param_set,
    .values = &lookup_params,
    .sandbox = {.calls = CALLS_READ | CALLS_THREADS,
	.needs = readers_need_files},
    .open = readers_open,
    .begin = readers_begin,
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
