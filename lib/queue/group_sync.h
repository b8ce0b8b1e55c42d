/* SPDX-License-Identifier: MIT */
/* fsync of one directory shared by all threads that wait for it at the same
 * time (REL-03): each gets the result of a sync that began after it asked. */
#ifndef QUEUE_GROUP_SYNC_H
#define QUEUE_GROUP_SYNC_H

#include <pthread.h>

#include "lib/base/error.h"

struct group_sync_waiter;

struct group_sync {
	pthread_mutex_t mutex;
	pthread_cond_t ended;
	struct group_sync_waiter *waiting; /* for the sync after this one */
	bool running;
	unsigned failures; /* of syncs, since the beginning */
};

void group_sync_init(struct group_sync *group);
void group_sync_finish(struct group_sync *group);

/* False with ERROR_SYSTEM, for every waiter of a failed sync (REL-04: final).
 * `fd` is the same in all calls. */
bool group_sync_run(
    struct group_sync *group, int fd, struct error *error) MUST_USE;

unsigned group_sync_failures(struct group_sync *group);

#endif
