/* SPDX-License-Identifier: MIT */
/* The skeleton of every daemon. main.c of a program declares a struct service
 * and returns service_run(&it, argc, argv); everything else, from the control
 * channel to the drain, happens here:
 *
 *   descriptors and START from master -> parameters -> log -> open() ->
 *   privileges given up, sandbox closed -> READY -> begin(), listeners in the
 *   loop -> work -> drain or end of the control channel -> exit.
 *
 * Descriptor 3 is the control channel to master. Its end of file ends the
 * process: listeners are closed at once, what is begun has 5 s to finish. */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include "lib/daemon/sandbox.h"
#include "lib/ipc/peer.h"
#include "lib/ipc/switchboard.h"
#include "lib/net/address.h"
#include "lib/param/common.h"
#include "lib/param/master_cf.h"

enum {
	SERVICE_CONTROL_FD = 3
};

struct service {
	const char *program; /* "smtpd": what it is unless master says other */

	/* The program's own parameters; `values` is its params struct. */
	const struct param_set *params;
	void *values;

	/* What it may do from READY on. */
	struct sandbox_profile sandbox;

	/* Opens what needs the file system and checks what the parameters name;
	 * also all that runs in check mode. False stops the start. May be
	 * NULL. */
	bool (*open)(struct error *error);
	/* After READY, before the first client, in the sandbox. May be NULL. */
	void (*begin)(void);

	/* The internal service: what clients may open on "listen". */
	const struct peer_handler *handlers;
	size_t handler_count;
	/* An internal client has gone. May be NULL. */
	void (*client_closed)(struct peer *peer, const struct error *error);
	/* What administrators may open on "control". */
	const struct peer_handler *control_handlers;
	size_t control_handler_count;

	/* One client of a "public" listener, in a coroutine of its own; takes
	 * the ownership of `fd`. `listener` is what follows "public:". */
	void (*session)(
	    const char *listener, int fd, const struct address *peer);

	/* Takes no new work from now on. May be NULL. */
	void (*drain)(void);
	/* True when nothing is in hand besides sessions and conversations,
	 * which the skeleton counts itself. May be NULL. */
	bool (*is_idle)(void);

	/* Frames from master that the skeleton does not know (AGENTS). May be
	 * NULL. */
	void (*control)(struct frame *frame);
};

int service_run(const struct service *service, int argc, char **argv);

/* Facts of the running process, valid from open() on. */
const struct common_params *service_common(void);
const struct config *service_config(void);
/* Where typed values come from, for a second set (lib/route's, or smtpd's under
 * stress). */
const struct param_source *service_param_source(void);
const struct master_cf *service_master_cf(void);
/* Lives as long as the process. */
struct pool *service_pool(void);
/* The program that master.cf names, also in logs: an executable may serve as
 * several ("smtp", "lmtp"). */
const char *service_program(void);
/* The name in master.cf ("smtp", "relay"). */
const char *service_name(void);
/* The words of the master.cf line that are no options: user=, argv=. */
struct span service_arguments(void);
uint32_t service_generation(void);
/* open() is only to find out whether the configuration is good. */
bool service_is_check(void);
/* Number of this process within the instance; no two that live have the same.
 */
uint32_t service_process(void);
/* Sessions (deliveries) this process may have at a time. */
uint32_t service_dial(void);
/* It was started for one client or message and ends after it: others may have
 * died of that. */
bool service_is_alone(void);
/* A directory descriptor from master, or -1; stays the skeleton's. */
int service_descriptor(const char *name);
bool service_is_draining(void);
/* The parameters under stress, as master says. */
bool service_under_stress(void);

/* The channel to master, for WANT and TABLES_CHANGED. */
void service_tell_master(enum message_type type, struct span payload);

/* Before READY: the private keys in this file are to be at keyd as long as this
 * process lives. */
void service_tell_key_file(const char *path);

/* An agent's delivery counts as a session: it is waited for at the drain and
 * counts for the recycling. */
void service_session_begin(void);
void service_session_end(void);

#endif
