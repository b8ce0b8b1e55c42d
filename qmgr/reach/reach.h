/* SPDX-License-Identifier: MIT */
/* How a command gets at the queue: by word to the running qmgr, or at the files
 * while the mail system is down. Everything runs in a coroutine. */
#ifndef REACH_H
#define REACH_H

#include "lib/daemon/instance.h"
#include "lib/queue/store.h"

enum reach_mode {
	REACH_READ,
	REACH_CHANGE /* with the lock when the mail system is down, and then as
		      * the user who owns the queue */
};

struct reach {
	const struct instance *instance;
	struct store *store;
	struct peer *qmgr; /* NULL: the mail system is down */
	int lock_fd;       /* of REACH_CHANGE then */
};

/* Whether the caller may work on the queue: root, and its owner. The error says
 * who that is. */
bool reach_is_allowed(
    const struct instance *instance, struct error *error) MUST_USE;

/* After an end that was not clean, messages that have no file of their own are
 * given one first. False when that fails, when the caller is nobody who may, or
 * somebody else works on the queue; reach_close in any case. */
bool reach_open(struct reach *reach, const struct instance *instance,
    enum reach_mode mode, struct error *error) MUST_USE;
/* The ids of messages that are active as the keys of a table, which is the
 * caller's: none while the mail system is down. NULL when qmgr does not tell.
 */
struct hash *reach_active(struct reach *reach, struct error *error) MUST_USE;
void reach_close(struct reach *reach);

#endif
