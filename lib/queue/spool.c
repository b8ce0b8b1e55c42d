/* SPDX-License-Identifier: MIT */
#include "lib/queue/spool.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/number.h"

enum {
	PATH_SIZE = SPOOL_BUCKET_NAME_SIZE + sizeof(struct queue_id),
	CREATE_TRIES = 50,
	CREATE_PAUSE = 2 * 1000 * 1000 /* nanoseconds */
};

static void
init_locks(struct spool *spool)
{
	must(pthread_mutex_init(&spool->mutex, NULL) == 0);
	for (int place = 0; place < PLACE_COUNT; place++)
		group_sync_init(&spool->sync[place]);
}

void
spool_attach(struct spool *spool, int incoming, int hold, mode_t file_mode)
{
	*spool = (struct spool){.file_mode = file_mode};
	for (int place = 0; place < PLACE_COUNT; place++)
		spool->directory[place] = -1;
	spool->directory[PLACE_INCOMING] = incoming;
	spool->directory[PLACE_HOLD] = hold;
	init_locks(spool);
}

bool
spool_open(
    struct spool *spool, const char *queue_directory, struct error *error)
{
	int top = open(queue_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	spool_attach(spool, -1, -1, S_IRUSR | S_IWUSR);
	if (top < 0) {
		error_system(error, "open %s", queue_directory);
		spool_close(spool);
		return false;
	}
	for (unsigned place = 0; place < PLACE_COUNT; place++) {
		struct locator locator = {.place = (enum locator_place)place};
		const char *name = locator_queue(&locator);
		int fd = io_open_as_owner(
		    top, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		spool->directory[place] = fd;
		if (fd < 0) {
			error_system(
			    error, "open %s/%s", queue_directory, name);
			io_close(&top);
			spool_close(spool);
			return false;
		}
	}
	io_close(&top);
	return true;
}

void
spool_close(struct spool *spool)
{
	for (int place = 0; place < PLACE_COUNT; place++) {
		group_sync_finish(&spool->sync[place]);
		io_close(&spool->directory[place]);
	}
	pthread_mutex_destroy(&spool->mutex);
}

void
spool_bucket_name(uint64_t bucket, char name[SPOOL_BUCKET_NAME_SIZE])
{
	(void)number_format_base(
	    bucket, "0123456789abcdef", 1, name, SPOOL_BUCKET_NAME_SIZE);
}

bool
spool_bucket_parse(struct span name, uint64_t *bucket)
{
	char canonical[SPOOL_BUCKET_NAME_SIZE];

	if (!number_parse_hex(name, INT64_MAX, bucket))
		return false;
	spool_bucket_name(*bucket, canonical);
	return span_equal(name, span_text(canonical));
}

/* The path below the place's directory. */
static void
path_of(const struct locator *locator, char path[PATH_SIZE])
{
	char bucket[SPOOL_BUCKET_NAME_SIZE];

	if (locator->place != PLACE_DEFERRED) {
		snprintf(path, PATH_SIZE, "%s", locator->id.text);
		return;
	}
	spool_bucket_name(locator->bucket, bucket);
	snprintf(path, PATH_SIZE, "%s/%s", bucket, locator->id.text);
}

static int
directory_of(const struct spool *spool, const struct locator *locator)
{
	must(locator->place < PLACE_COUNT);
	return spool->directory[locator->place];
}

/* What openat and friends left in errno. */
static bool
name_error(struct error *error, const char *act, const struct locator *locator)
{
	if (errno == ENOENT)
		return error_set(error, ERROR_NOT_FOUND, "no such message: %s",
		    locator->id.text);
	return error_system(
	    error, "%s %s/%s", act, locator_queue(locator), locator->id.text);
}

/* Locks a file just created; false when a scan has it or has removed it. */
static bool
lock_new(int fd)
{
	struct stat status;

	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &status) == 0 &&
	    status.st_nlink == 1;
}

/* A scan that takes the empty file before its writer has locked it removes it;
 * the name is then free again. The id is kept: the header names it already. */
bool
spool_create(struct spool *spool, const struct locator *locator, int *fd,
    struct error *error)
{
	int directory = directory_of(spool, locator);
	char path[PATH_SIZE];

	path_of(locator, path);
	for (int try = 0; try < CREATE_TRIES; try++) {
		struct timespec pause = {.tv_nsec = CREATE_PAUSE};

		*fd = openat(directory, path,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    spool->file_mode);
		if (*fd >= 0 && lock_new(*fd))
			return true;
		if (*fd < 0 && (errno != EEXIST || try == 0))
			return error_system(error, "create %s/%s",
			    locator_queue(locator), locator->id.text);
		io_close(fd);
		(void)nanosleep(&pause, NULL);
	}
	return error_set(error, ERROR_TEMPORARY,
	    "create %s/%s: a queue scan holds it", locator_queue(locator),
	    locator->id.text);
}

bool
spool_open_file(struct spool *spool, const struct locator *locator, int flags,
    int *fd, struct error *error)
{
	char path[PATH_SIZE];
	struct stat status;

	path_of(locator, path);
	/* What stands there under an id may be a trap: O_NONBLOCK keeps a FIFO
	 * from hanging us, O_NOFOLLOW a link from leading us astray. */
	*fd = openat(directory_of(spool, locator), path,
	    flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0 && (errno == ELOOP || errno == ENXIO))
		return error_set(error, ERROR_INVALID, "not a regular file");
	if (*fd < 0)
		return name_error(error, "open", locator);
	if (fstat(*fd, &status) < 0) {
		io_close(fd);
		return name_error(error, "stat", locator);
	}
	if (S_ISREG(status.st_mode))
		return true;
	io_close(fd);
	return error_set(error, ERROR_INVALID, "not a regular file");
}

static uint64_t *
find_durable(struct spool *spool, uint64_t bucket)
{
	for (size_t i = 0;
	     i < spool->durable_bucket_count && i < SPOOL_DURABLE_MAXIMUM; i++)
		if (spool->durable_buckets[i] == bucket)
			return &spool->durable_buckets[i];
	return NULL;
}

static bool
is_durable(struct spool *spool, uint64_t bucket)
{
	bool found;

	pthread_mutex_lock(&spool->mutex);
	found = find_durable(spool, bucket) != NULL;
	pthread_mutex_unlock(&spool->mutex);
	return found;
}

static void
note_durable(struct spool *spool, uint64_t bucket)
{
	pthread_mutex_lock(&spool->mutex);
	if (find_durable(spool, bucket) == NULL)
		spool->durable_buckets[spool->durable_bucket_count++ %
		    SPOOL_DURABLE_MAXIMUM] = bucket;
	pthread_mutex_unlock(&spool->mutex);
}

static void
forget_durable(struct spool *spool, uint64_t bucket)
{
	uint64_t *found;

	pthread_mutex_lock(&spool->mutex);
	found = find_durable(spool, bucket);
	if (found != NULL)
		*found = UINT64_MAX; /* which is none */
	pthread_mutex_unlock(&spool->mutex);
}

/* With the bucket's directory entry on disk when this returns true. */
static bool
make_bucket(struct spool *spool, uint64_t bucket, struct error *error)
{
	char name[SPOOL_BUCKET_NAME_SIZE];

	spool_bucket_name(bucket, name);
	if (mkdirat(spool->directory[PLACE_DEFERRED], name, S_IRWXU) < 0 &&
	    errno != EEXIST)
		return error_system(error, "make deferred/%s", name);
	if (!spool_sync(spool, PLACE_DEFERRED, error))
		return false;
	note_durable(spool, bucket);
	return true;
}

bool
spool_sync_file(struct spool *spool, int fd, bool data_only, const char *name,
    struct error *error)
{
	if ((data_only ? fdatasync(fd) : fsync(fd)) == 0)
		return true;
	(void)error_system(error, "fsync of %s", name);
	pthread_mutex_lock(&spool->mutex);
	spool->failed_syncs++;
	pthread_mutex_unlock(&spool->mutex);
	return false;
}

unsigned
spool_failed_syncs(struct spool *spool)
{
	unsigned failed;

	pthread_mutex_lock(&spool->mutex);
	failed = spool->failed_syncs;
	pthread_mutex_unlock(&spool->mutex);
	for (int place = 0; place < PLACE_COUNT; place++)
		failed += group_sync_failures(&spool->sync[place]);
	return failed;
}

static bool
sync_bucket(struct spool *spool, uint64_t bucket, struct error *error)
{
	char name[SPOOL_BUCKET_NAME_SIZE];
	bool synced;
	int fd;

	spool_bucket_name(bucket, name);
	fd = openat(spool->directory[PLACE_DEFERRED], name,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return true; /* dropped: deferred itself is dirty */
	if (fd < 0)
		return error_system(error, "open deferred/%s", name);
	synced = spool_sync_file(spool, fd, false, name, error) ||
	    error_prefix(error, "deferred");
	io_close(&fd);
	return synced;
}

/* With the mutex held; false when the list is full. */
static bool
add_dirty_bucket(struct spool *spool, uint64_t bucket)
{
	for (size_t i = 0; i < spool->dirty_bucket_count; i++)
		if (spool->dirty_buckets[i] == bucket)
			return true;
	if (spool->dirty_bucket_count == SPOOL_DIRTY_MAXIMUM)
		return false;
	spool->dirty_buckets[spool->dirty_bucket_count++] = bucket;
	return true;
}

/* Notes that the directory of `locator` has changed. When too many have, this
 * one is synced here and now. */
static bool
note_change(
    struct spool *spool, const struct locator *locator, struct error *error)
{
	bool noted = true;

	pthread_mutex_lock(&spool->mutex);
	if (locator->place == PLACE_DEFERRED)
		noted = add_dirty_bucket(spool, locator->bucket);
	else
		spool->dirty[locator->place] = true;
	pthread_mutex_unlock(&spool->mutex);
	return noted || sync_bucket(spool, locator->bucket, error);
}

/* Never onto a file that is there. */
static int
rename_once(struct spool *spool, const struct locator *before,
    const struct locator *after)
{
	char from[PATH_SIZE], to[PATH_SIZE];

	path_of(before, from);
	path_of(after, to);
	return renameat2(directory_of(spool, before), from,
	    directory_of(spool, after), to, RENAME_NOREPLACE);
}

bool
spool_move(struct spool *spool, struct locator *locator,
    enum locator_place place, uint64_t bucket, struct error *error)
{
	struct locator before = *locator;
	struct locator after = {
	    .id = locator->id, .place = place, .bucket = bucket};
	int result;

	/* Tried again and due within the same bucket: it is there already. */
	if (before.place == place && before.bucket == bucket &&
	    spool_exists(spool, &before))
		return true;
	/* It may be there and not yet on disk: made by another thread just now,
	 * or by a process that was killed before it could sync it. */
	if (place == PLACE_DEFERRED && !is_durable(spool, bucket) &&
	    !make_bucket(spool, bucket, error))
		return false;
	result = rename_once(spool, &before, &after);
	if (result < 0 && errno == ENOENT && place == PLACE_DEFERRED) {
		if (!make_bucket(spool, bucket, error))
			return false;
		result = rename_once(spool, &before, &after);
	}
	if (result < 0)
		return name_error(error, "move", &before);
	*locator = after;
	return note_change(spool, &before, error) &&
	    note_change(spool, &after, error);
}

bool
spool_remove(
    struct spool *spool, const struct locator *locator, struct error *error)
{
	char path[PATH_SIZE];

	path_of(locator, path);
	if (unlinkat(directory_of(spool, locator), path, 0) == 0)
		return note_change(spool, locator, error);
	return errno == ENOENT || name_error(error, "remove", locator);
}

bool
spool_exists(struct spool *spool, const struct locator *locator)
{
	char path[PATH_SIZE];
	struct stat status;

	path_of(locator, path);
	return fstatat(directory_of(spool, locator), path, &status,
		   AT_SYMLINK_NOFOLLOW) == 0;
}

bool
spool_sync(struct spool *spool, enum locator_place place, struct error *error)
{
	return group_sync_run(
	    &spool->sync[place], spool->directory[place], error);
}

bool
spool_is_dirty(struct spool *spool)
{
	bool dirty;

	pthread_mutex_lock(&spool->mutex);
	dirty = spool->dirty_bucket_count > 0;
	for (int place = 0; place < PLACE_COUNT; place++)
		dirty = dirty || spool->dirty[place];
	pthread_mutex_unlock(&spool->mutex);
	return dirty;
}

bool
spool_sync_dirty(struct spool *spool, struct error *error)
{
	bool places[PLACE_COUNT];
	uint64_t buckets[SPOOL_DIRTY_MAXIMUM];
	size_t bucket_count;
	bool synced = true;

	pthread_mutex_lock(&spool->mutex);
	memcpy(places, spool->dirty, sizeof places);
	memcpy(buckets, spool->dirty_buckets, sizeof buckets);
	bucket_count = spool->dirty_bucket_count;
	memset(spool->dirty, 0, sizeof spool->dirty);
	spool->dirty_bucket_count = 0;
	pthread_mutex_unlock(&spool->mutex);
	for (unsigned place = 0; place < PLACE_COUNT; place++)
		if (places[place] &&
		    !spool_sync(spool, (enum locator_place)place, error))
			synced = false;
	for (size_t i = 0; i < bucket_count; i++)
		if (!sync_bucket(spool, buckets[i], error))
			synced = false;
	return synced;
}

void
spool_drop_bucket(struct spool *spool, uint64_t bucket)
{
	char name[SPOOL_BUCKET_NAME_SIZE];

	spool_bucket_name(bucket, name);
	forget_durable(spool, bucket);
	if (unlinkat(spool->directory[PLACE_DEFERRED], name, AT_REMOVEDIR) < 0)
		return; /* not empty, and so still needed */
	pthread_mutex_lock(&spool->mutex);
	spool->dirty[PLACE_DEFERRED] = true;
	pthread_mutex_unlock(&spool->mutex);
}
