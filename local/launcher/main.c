/* SPDX-License-Identifier: MIT */
/* launcher: the only way to a user id. */
#include <linux/capability.h>

#include "lib/daemon/service.h"
#include "lib/param/word_list.h"

#include "local/launcher/crew.h"
#include "local/launcher/launch.h"
#include "local/launcher/params.h"

static struct job_settings settings;

static bool
open_crew(struct error *error UNUSED)
{
	const struct launcher_params *params = &launcher_params;
	struct span locks = span_text(params->mailbox_delivery_lock);

	settings = (struct job_settings){
	    .host = service_common()->myhostname,
	    .confines = sandbox_inherit,
	    .strict_ownership = params->strict_mailbox_ownership,
	    .uses_fcntl = word_list_has(locks, SPAN("fcntl")),
	    .uses_dotlock = word_list_has(locks, SPAN("dotlock")),
	    .lock_attempts = (unsigned)params->deliver_lock_attempts,
	    .lock_delay = (unsigned)params->deliver_lock_delay,
	    .stale_time = (unsigned)params->stale_lock_time,
	};
	crew_open(&settings);
	return true;
}

static const struct peer_handler handlers[] = {
    {.type = MESSAGE_LAUNCH, .serve = launch_serve},
};

static const struct service service = {
    .program = "launcher",
    .params = &launcher_param_set,
    .values = &launcher_params,
    .open = open_crew,
    .sandbox = {.calls = CALLS_FORK | CALLS_CONFINE | CALLS_READ | CALLS_WRITE,
	.has_children = true,
	.capabilities = 1U << CAP_SETUID | 1U << CAP_SETGID},
    .handlers = handlers,
    .handler_count = COUNT_OF(handlers),
};

int
main(int argc, char **argv)
{
	return service_run(&service, argc, argv);
}
