/* SPDX-License-Identifier: MIT */
/* The instance as a command sees it: which configuration directory is meant,
 * its main.cf, and the sockets of the running daemons. */
#ifndef DAEMON_INSTANCE_H
#define DAEMON_INSTANCE_H

#include "lib/ipc/peer.h"
#include "lib/param/common.h"
#include "lib/param/warnings.h"

struct instance {
	struct pool *pool;
	const char *directory; /* of main.cf and master.cf */
	struct span main_cf;   /* their texts */
	struct span master_cf;
	struct config *config;
	struct common_params common;
	struct param_source source; /* for further sets of parameters */
	const struct param_set *sets[2];
	struct warnings warnings;
};

/* Reads the configuration from `directory`, or if that is NULL from where
 * $MAIL_CONFIG points, or from the built-in directory. Relative paths are made
 * absolute. `program` names the command in $process_name. */
bool instance_open(struct instance *instance, const char *directory,
    const char *program, struct error *error) MUST_USE;
void instance_close(struct instance *instance);

/* Takes "-c directory" in front of the words of a command, which begin at
 * optind then. False: another option. */
bool instance_take_options(
    int count, char **arguments, const char **directory) MUST_USE;

/* The instance's own directories and sockets, in `instance->pool`:
 * "<queue_directory>/public/<name>" and "<run_directory>/<name>". */
const char *instance_public_path(
    const struct instance *instance, const char *name);
const char *instance_control_path(
    const struct instance *instance, const char *name);

/* A connection to a daemon's control socket; `service` is the name the daemon
 * serves there ("master", "qmgr"). NULL when nobody listens. Runs in a
 * coroutine, as all conversations do. */
struct peer *instance_dial(const struct instance *instance, const char *name,
    const char *service, int64_t deadline, struct error *error) MUST_USE;

/* Runs main_coroutine(argument) in a loop until it returns: how a command uses
 * the functions that wait. */
void instance_run(void (*main_coroutine)(void *argument), void *argument);

#endif
