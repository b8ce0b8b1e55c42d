/* SPDX-License-Identifier: MIT */
/* The running suite as a whole: the generation in force, the processes, and the
 * operations of an administrator on them. */
#ifndef MASTER_SUPERVISOR_H
#define MASTER_SUPERVISOR_H

#include "master/autopsy.h"

struct supervisor {
	const char *directory; /* of main.cf; NULL until the first is read */
	struct crew crew;
	struct autopsy autopsy;
	struct images images;
	struct generation *current;   /* in force; NULL at first */
	struct generation *candidate; /* being tried */
	uint32_t last_generation;
	bool submit_only;
	bool in_foreground;
	bool is_changing; /* between two generations */
	bool is_stopping;
	int lock_fd;
	char *pid_path;    /* NULL until locked */
	int64_t last_roll; /* of lookup, for changed tables */
	struct loop_timer roll;
	struct loop_timer shrink;
	/* Where problems go besides the log, while somebody waits for the
	 * start; may be NULL. */
	void (*show)(const char *severity, const char *text);
};

/* `directory` may be NULL: see instance_open. */
void supervisor_init(struct supervisor *supervisor, const char *directory);

/* All of these run in a coroutine. */

/* Starts the suite. */
bool supervisor_start(
    struct supervisor *supervisor, struct error *error) MUST_USE;
/* Reads the configuration and tries it without starting anything. */
bool supervisor_check(
    struct supervisor *supervisor, struct error *error) MUST_USE;
/* Puts a new reading of the configuration in force; afterwards no old process
 * accepts. On failure all stays as it was. Also opens the log anew. */
bool supervisor_reload(
    struct supervisor *supervisor, struct error *error) MUST_USE;
/* After a start with submit_only: starts the rest. */
bool supervisor_start_rest(
    struct supervisor *supervisor, struct error *error) MUST_USE;
/* Ends all processes, in the order of their stages, or (`at_once`) kills them;
 * returns when none is left. */
void supervisor_stop(struct supervisor *supervisor, bool at_once);

/* One line for each process: its service, program, pid and state. */
void supervisor_describe(const struct supervisor *supervisor, struct buf *out);

#endif
