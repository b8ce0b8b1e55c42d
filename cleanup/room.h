/* SPDX-License-Identifier: MIT */
/* Whether the queue's file system has room for mail (REL-10): asked at most
 * once a second, so that no message pays for it. */
#ifndef CLEANUP_ROOM_H
#define CLEANUP_ROOM_H

#include "lib/queue/store.h"

/* False, with the reason: no new message now (452 4.3.1). In a coroutine. */
bool room_is_left(struct store *store, struct error *error) MUST_USE;

#endif
