/* SPDX-License-Identifier: MIT */
/* The directories of own files and what may happen to a name in them. Private
 * to lib/queue; embedded in the store. Functions block; any thread may call
 * them at any time. */
#ifndef QUEUE_SPOOL_H
#define QUEUE_SPOOL_H

#include <sys/types.h>

#include "lib/queue/group_sync.h"
#include "lib/queue/locator.h"

enum {
	SPOOL_BUCKET_SECONDS = 900,
	SPOOL_DIRTY_MAXIMUM = 64,   /* buckets */
	SPOOL_DURABLE_MAXIMUM = 256 /* buckets */
};

struct spool {
	int directory[PLACE_COUNT]; /* -1 = not for this process */
	mode_t file_mode;
	struct group_sync sync[PLACE_COUNT];
	pthread_mutex_t mutex; /* of all below */
	bool dirty[PLACE_COUNT];
	uint64_t dirty_buckets[SPOOL_DIRTY_MAXIMUM];
	size_t dirty_bucket_count;
	uint64_t durable_buckets[SPOOL_DURABLE_MAXIMUM]; /* a ring */
	size_t durable_bucket_count;                     /* ever noted */
	unsigned failed_syncs; /* of files and buckets */
};

bool spool_open(struct spool *spool, const char *queue_directory,
    struct error *error) MUST_USE;
/* Takes the two descriptors over; nothing else can be reached. */
void spool_attach(
    struct spool *spool, int incoming, int hold, mode_t file_mode);
void spool_close(struct spool *spool);

/* Creates a file under its final name and locks it (LOCK_EX). *fd is read and
 * write. ERROR_TEMPORARY when a scan was faster again and again. */
bool spool_create(struct spool *spool, const struct locator *locator, int *fd,
    struct error *error) MUST_USE;

/* `flags` is O_RDONLY or O_RDWR. ERROR_NOT_FOUND when there is no such name;
 * ERROR_INVALID for what is no regular file. */
bool spool_open_file(struct spool *spool, const struct locator *locator,
    int flags, int *fd, struct error *error) MUST_USE;

/* Renames; a new bucket is durable before its first file. *locator changes on
 * success only. ERROR_NOT_FOUND when there is no such name. */
bool spool_move(struct spool *spool, struct locator *locator,
    enum locator_place place, uint64_t bucket, struct error *error) MUST_USE;

/* A name that is not there is a success. */
bool spool_remove(struct spool *spool, const struct locator *locator,
    struct error *error) MUST_USE;

bool spool_exists(struct spool *spool, const struct locator *locator);

/* Returns once an fsync of the directory that began after this call is done. */
bool spool_sync(struct spool *spool, enum locator_place place,
    struct error *error) MUST_USE;

/* Syncs a file of the queue; `data_only` leaves its times alone. A failure is
 * final: what was not written may never be (REL-04). */
bool spool_sync_file(struct spool *spool, int fd, bool data_only,
    const char *name, struct error *error) MUST_USE;
/* Syncs of files and directories that have failed since the beginning. */
unsigned spool_failed_syncs(struct spool *spool);

/* Directories with moves and removals that may not be durable yet. */
bool spool_is_dirty(struct spool *spool);
bool spool_sync_dirty(struct spool *spool, struct error *error) MUST_USE;

/* Removes the bucket if it is empty. */
void spool_drop_bucket(struct spool *spool, uint64_t bucket);

enum {
	SPOOL_BUCKET_NAME_SIZE = 17
};

/* The bucket's name: its number in hexadecimal. */
void spool_bucket_name(uint64_t bucket, char name[SPOOL_BUCKET_NAME_SIZE]);
bool spool_bucket_parse(struct span name, uint64_t *bucket) MUST_USE;

#endif
