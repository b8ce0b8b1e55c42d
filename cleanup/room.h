/* SPDX-License-Identifier: MIT */
/* Whether the queue's file system has room for mail (REL-10), asked at most
 * once a second so that no message pays for it, and whether it can be trusted
 * with mail (REL-04): after several fsyncs have failed none is taken until a
 * trial succeeds. */
#ifndef CLEANUP_ROOM_H
#define CLEANUP_ROOM_H

#include "lib/queue/id.h"
#include "lib/queue/store.h"

/* Both outlive the process's work. */
void room_open(struct store *store, struct id_source *ids);

/* False, with the reason: no new message now (452 4.3.1). In a coroutine. */
bool room_is_left(struct error *error) MUST_USE;

/* False: no new message now (451 4.3.0). */
bool room_is_trusted(void);
/* Something of the queue could not be written, as `reason` says: does that
 * cost the trust? */
void room_check_failure(const struct error *reason);

#endif
