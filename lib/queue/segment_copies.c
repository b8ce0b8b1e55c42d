/* SPDX-License-Identifier: MIT */
#include "lib/queue/segment_copies.h"

#include <pthread.h>
#include <signal.h>

enum {
	COPIES_PER_THREAD = 8, /* fewer are not worth one */
	THREADS_MAXIMUM = 16
};

/* What the threads share. */
struct syncing {
	struct segment_copies *copies;
	struct store *store;
	pthread_mutex_t mutex; /* for what follows */
	size_t next;
	size_t synced;
	bool failed;
	struct error error; /* the first */
};

static struct segment_copy *
take_next(struct syncing *syncing)
{
	struct segment_copy *copy = NULL;

	pthread_mutex_lock(&syncing->mutex);
	if (syncing->next < syncing->copies->count)
		copy = &syncing->copies->copy[syncing->next++];
	pthread_mutex_unlock(&syncing->mutex);
	return copy;
}

/* With NULL for a success. */
static void
note_result(struct syncing *syncing, const struct error *failure)
{
	pthread_mutex_lock(&syncing->mutex);
	if (failure == NULL)
		syncing->synced++;
	else if (!syncing->failed)
		syncing->error = *failure;
	syncing->failed = syncing->failed || failure != NULL;
	pthread_mutex_unlock(&syncing->mutex);
}

static void *
sync_some(void *argument)
{
	struct syncing *syncing = argument;
	struct segment_copy *copy;
	struct error error;

	while ((copy = take_next(syncing)) != NULL)
		note_result(syncing,
		    segment_message_end_copy(syncing->store, copy, &error)
			? NULL
			: &error);
	return NULL;
}

/* As many as can be had; signals are for the thread that calls. */
static size_t
start_threads(
    struct syncing *syncing, pthread_t threads[static THREADS_MAXIMUM])
{
	size_t wanted = syncing->copies->count / COPIES_PER_THREAD;
	sigset_t all, before;
	size_t count = 0;

	if (wanted > THREADS_MAXIMUM)
		wanted = THREADS_MAXIMUM;
	sigfillset(&all);
	must(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	while (count < wanted &&
	    pthread_create(&threads[count], NULL, sync_some, syncing) == 0)
		count++;
	must(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	return count;
}

bool
segment_copies_sync(struct segment_copies *copies, struct store *store,
    size_t *synced, struct error *error)
{
	struct syncing syncing = {.copies = copies, .store = store};
	pthread_t threads[THREADS_MAXIMUM];
	size_t count;

	must(pthread_mutex_init(&syncing.mutex, NULL) == 0);
	count = start_threads(&syncing, threads);
	sync_some(&syncing);
	while (count > 0)
		must(pthread_join(threads[--count], NULL) == 0);
	pthread_mutex_destroy(&syncing.mutex);
	copies->count = 0;
	*synced += syncing.synced;
	if (syncing.failed && error != NULL)
		*error = syncing.error;
	return !syncing.failed;
}
