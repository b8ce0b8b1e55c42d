/* SPDX-License-Identifier: MIT */
/* Decides as whom and where a mailbox is written: nobody else's word counts for
 * a user id. */
#ifndef LOCAL_LAUNCHER_PLACE_H
#define LOCAL_LAUNCHER_PLACE_H

#include "lib/base/pool.h"
#include "lib/ipc/messages.h"
#include "lib/mail/reply.h"

#include "local/child/identity.h"
#include "local/child/job.h"

struct place {
	struct identity identity;
	struct job job;
};

/* False: *reply says why not. Asks lookup; in a coroutine. */
bool place_find(struct pool *pool, const struct message_launch *launch,
    struct place *place, struct reply *reply) MUST_USE;

#endif
