/* SPDX-License-Identifier: MIT */
#include "lib/queue/group_sync.h"

#include <errno.h>
#include <unistd.h>

/* On the stack of its thread. */
struct group_sync_waiter {
	struct group_sync_waiter *next;
	bool done;
	int saved_errno; /* 0 = success */
};

void
group_sync_init(struct group_sync *group)
{
	*group = (struct group_sync){.waiting = NULL};
	must(pthread_mutex_init(&group->mutex, NULL) == 0);
	must(pthread_cond_init(&group->ended, NULL) == 0);
}

void
group_sync_finish(struct group_sync *group)
{
	must(!group->running);
	pthread_cond_destroy(&group->ended);
	pthread_mutex_destroy(&group->mutex);
}

/* With the mutex held, which is released meanwhile: one sync for all who wait
 * now; who comes later waits for the next. */
static void
sync_for_all(struct group_sync *group, int fd)
{
	struct group_sync_waiter *waiter = group->waiting;
	int saved_errno;

	group->waiting = NULL;
	group->running = true;
	pthread_mutex_unlock(&group->mutex);
	saved_errno = fsync(fd) == 0 ? 0 : errno;
	pthread_mutex_lock(&group->mutex);
	group->running = false;
	if (saved_errno != 0)
		group->failures++;
	while (waiter != NULL) {
		struct group_sync_waiter *next = waiter->next;

		waiter->saved_errno = saved_errno;
		waiter->done = true;
		waiter = next;
	}
	pthread_cond_broadcast(&group->ended);
}

bool
group_sync_run(struct group_sync *group, int fd, struct error *error)
{
	struct group_sync_waiter self = {.done = false};

	pthread_mutex_lock(&group->mutex);
	self.next = group->waiting;
	group->waiting = &self;
	while (!self.done) {
		if (group->running)
			pthread_cond_wait(&group->ended, &group->mutex);
		else
			sync_for_all(group, fd);
	}
	pthread_mutex_unlock(&group->mutex);
	if (self.saved_errno == 0)
		return true;
	errno = self.saved_errno;
	return error_system(error, "fsync of the queue directory");
}

unsigned
group_sync_failures(struct group_sync *group)
{
	unsigned failures;

	pthread_mutex_lock(&group->mutex);
	failures = group->failures;
	pthread_mutex_unlock(&group->mutex);
	return failures;
}
