/* SPDX-License-Identifier: MIT */
/* What follows from the death of a process: the log, and the names found in its
 * flight recorder. A message found in two crashes is set aside by qmgr,
 * unopened; a client found in three within a minute is served by a process of
 * its own.
 *
 * A crash is a signal that a program brings upon itself (SIGSEGV, SIGABRT, ...)
 * and being killed because it hung. SIGKILL and SIGTERM from outside, the
 * kernel's out-of-memory killer among them, accuse nobody. */
#ifndef MASTER_AUTOPSY_H
#define MASTER_AUTOPSY_H

#include "master/crew.h"
#include "master/suspects.h"

struct autopsy {
	struct suspects messages;
	struct suspects clients;
};

void autopsy_init(struct autopsy *autopsy);

/* Logs how the process has ended, notes what it was at, and tells those that
 * live. */
void autopsy_run(struct autopsy *autopsy, struct child *child);

/* A new process learns what it has to know before its first work. */
void autopsy_tell(const struct autopsy *autopsy, struct child *child);

/* Now and then: forgets what is too old to count. Clients whose time is over
 * are served with all others again. */
void autopsy_sweep(struct autopsy *autopsy, const struct crew *crew);

/* qmgr has dealt with the message. */
void autopsy_forget_message(struct autopsy *autopsy, struct span queue_id);

/* Whether an autopsy of `status` (of waitpid) accuses what was in hand. */
bool autopsy_is_crash(int status);

#endif
