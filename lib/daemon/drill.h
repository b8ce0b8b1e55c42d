/* SPDX-License-Identifier: MIT */
/* Somebody has taken the process over: tests/drill/run tells him what to do. In
 * no other build than one with POSTERN_DRILL, which nobody can install. Private
 * to lib/daemon. */
#ifndef DAEMON_DRILL_H
#define DAEMON_DRILL_H

#include "lib/base/error.h"

/* Listens at "PROGRAM.PID" in the directory POSTERN_DRILL_DIRECTORY, before the
 * process is confined. Each line that comes is an act and its argument
 * (lib/sandbox/act.h); the answer is the errno, 0 when it worked. Without the
 * variable it does nothing. */
#ifdef POSTERN_DRILL
bool drill_open(const char *program, struct error *error) MUST_USE;
#else
static inline bool
drill_open(const char *program UNUSED, struct error *error UNUSED)
{
	return true;
}
#endif

#endif
