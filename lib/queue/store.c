/* SPDX-License-Identifier: MIT */
#include "lib/queue/store.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/queue/own_report.h"
#include "lib/queue/segment_message.h"
#include "lib/queue/store_private.h"
#include "lib/queue/store_segments.h"
#include "lib/queue/stored_private.h"

enum {
	SPARE_INODES = 1000,
	TRIAL_SIZE = 4096,
	FIND_AT_A_TIME = 32
};

struct store *
store_open(const char *queue_directory, struct error *error)
{
	struct store *store = memory_zero(sizeof *store);

	if (spool_open(&store->spool, queue_directory, error)) {
		segment_table_init(
		    &store->segments, store->spool.directory[PLACE_INCOMING]);
		segment_avoid_init(&store->avoid);
		return store;
	}
	free(store);
	return NULL;
}

struct store *
store_attach(int incoming, int hold, bool group_files)
{
	struct store *store = memory_zero(sizeof *store);

	/* With a umask of 0. The owner class shuts the writer itself out. */
	spool_attach(&store->spool, incoming, hold,
	    group_files ? S_IRGRP | S_IWGRP : S_IRUSR | S_IWUSR);
	segment_table_init(&store->segments, incoming);
	segment_avoid_init(&store->avoid);
	return store;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	segment_table_finish(&store->segments);
	segment_avoid_finish(&store->avoid);
	spool_close(&store->spool);
	free(store);
}

bool
store_has_room(
    struct store *store, uint64_t bytes, uint64_t minimum, struct error *error)
{
	struct statvfs status;
	uint64_t free_bytes;

	if (fstatvfs(store->spool.directory[PLACE_INCOMING], &status) < 0)
		return error_system(error, "free space of the queue");
	free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
	if (free_bytes < minimum || free_bytes - minimum < bytes)
		return error_set(error, ERROR_LIMIT,
		    "insufficient space in the queue file system");
	/* File systems without a fixed number of inodes say 0 of 0. */
	if (status.f_files != 0 && status.f_favail < SPARE_INODES)
		return error_set(error, ERROR_LIMIT,
		    "insufficient inodes in the queue file system");
	return true;
}

unsigned
store_failed_syncs(struct store *store)
{
	return spool_failed_syncs(&store->spool);
}

/* Without a head it is a message that was never accepted, should it stay. */
static bool
fill_trial(struct store *store, const struct locator *locator, int fd,
    struct error *error)
{
	static const char zeros[TRIAL_SIZE];

	return io_pwrite(fd, span_of(zeros, sizeof zeros), 0, error) &&
	    spool_sync_file(
		&store->spool, fd, false, locator->id.text, error) &&
	    spool_sync(&store->spool, PLACE_INCOMING, error);
}

bool
store_try(struct store *store, const struct queue_id *id, struct error *error)
{
	struct locator locator = {.id = *id, .place = PLACE_INCOMING};
	struct error failure;
	bool good;
	int fd;

	if (!spool_create(&store->spool, &locator, &fd, error))
		return false;
	good = fill_trial(store, &locator, fd, error);
	if (!spool_remove(&store->spool, &locator, &failure) && good) {
		good = false;
		*error = failure;
	}
	io_close(&fd);
	return good;
}

/* The segments are gone through last: it takes reading them. */
static bool
find_light(struct store *store, const struct queue_id *id,
    struct locator *locator, struct error *error)
{
	struct store_scan *scan =
	    store_scan_open(store, STORE_INCOMING, 0, error);
	struct locator found[FIND_AT_A_TIME];
	size_t count = 1;
	bool is_there = false;

	while (scan != NULL && count > 0 && !is_there &&
	    store_scan_next(scan, found, COUNT_OF(found), &count, error))
		for (size_t i = 0; i < count && !is_there; i++) {
			is_there = id_equal(&found[i].id, id);
			*locator = found[i];
		}
	store_scan_close(scan);
	return is_there ||
	    error_set(error, ERROR_NOT_FOUND, "no such message: %s", id->text);
}

bool
store_find(struct store *store, const struct queue_id *id,
    struct locator *locator, struct error *error)
{
	static const enum locator_place flat[] = {PLACE_INCOMING, PLACE_HOLD};
	struct store_scan *scan;
	bool more;

	for (size_t i = 0; i < COUNT_OF(flat); i++) {
		*locator = (struct locator){.id = *id, .place = flat[i]};
		if (spool_exists(&store->spool, locator))
			return true;
	}
	*locator = (struct locator){.id = *id, .place = PLACE_DEFERRED};
	scan = store_scan_open(store, STORE_DEFERRED, 0, error);
	if (scan == NULL)
		return false;
	do
		more = store_scan_next_bucket(scan, &locator->bucket);
	while (more && !spool_exists(&store->spool, locator));
	store_scan_close(scan);
	return more || find_light(store, id, locator, error);
}

bool
store_find_corrupt(struct store *store, const struct queue_id *id,
    struct locator *locator, struct error *error)
{
	*locator = (struct locator){.id = *id, .place = PLACE_CORRUPT};
	return spool_exists(&store->spool, locator) ||
	    error_set(error, ERROR_NOT_FOUND, "no such message: %s", id->text);
}

/* Reads and judges a message whose lock is ours. */
static struct stored *
judge(struct pool *pool, const struct locator *locator, int fd,
    enum stored_result *result, struct error *error)
{
	struct stored *stored;
	struct stat status;

	if (fstat(fd, &status) < 0 || status.st_nlink == 0) {
		io_close(&fd);
		*result = STORED_GONE;
		error_set(error, ERROR_NOT_FOUND, "removed by its writer");
		return NULL;
	}
	stored = stored_open_fd(pool, locator, fd, result, error);
	if (stored == NULL || locator->place == PLACE_DEFERRED ||
	    stored_verify_content(stored, error))
		return stored;
	*result = error->kind == ERROR_INVALID ? STORED_CORRUPT : STORED_FAILED;
	return NULL;
}

/* After a power cut a damaged record may have sound ones behind it. An append
 * looks at the last record only, so the journal is cut here, once. */
static bool
cut_journal(
    struct store *store, const struct stored *stored, struct error *error)
{
	const struct extent *journal = &stored->private->journal;
	bool cut;
	int fd;

	if (!stored->private->journal_is_torn)
		return true;
	if (!spool_open_file(
		&store->spool, &stored->locator, O_RDWR, &fd, error))
		return false;
	cut = ftruncate(fd, (off_t)(journal->offset + journal->length)) == 0 ||
	    error_system(error, "cut the journal");
	io_close(&fd);
	return cut;
}

/* What follows from the judgement; *error keeps its reason. */
static void
carry_out(struct store *store, const struct locator *locator,
    enum stored_result *result, struct error *error)
{
	struct locator moved = *locator;
	struct error failure;
	bool done = true;

	if (*result == STORED_NEVER_ACCEPTED)
		done = spool_remove(&store->spool, locator, &failure);
	else if (*result == STORED_CORRUPT)
		done = spool_move(
		    &store->spool, &moved, PLACE_CORRUPT, 0, &failure);
	if (done)
		return;
	*result = STORED_FAILED;
	*error = failure;
}

static struct stored *
lock_and_judge(struct pool *pool, const struct locator *locator, int fd,
    enum stored_result *result, struct error *error)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return judge(pool, locator, fd, result, error);
	if (errno == EWOULDBLOCK) {
		*result = STORED_BUSY;
		error_set(error, ERROR_TEMPORARY, "is being written");
	} else {
		*result = STORED_FAILED;
		error_system(error, "lock");
	}
	io_close(&fd);
	return NULL;
}

struct stored *
store_adopt(struct pool *pool, struct store *store,
    const struct locator *locator, enum stored_result *result,
    struct error *error)
{
	struct stored *stored = NULL;
	struct error ignored;
	int lock = -1, fd;

	if (error == NULL)
		error = &ignored;
	if (store_is_light(locator))
		return segment_message_adopt(
		    pool, store, locator, result, error);
	if (spool_open_file(&store->spool, locator, O_RDONLY, &fd, error)) {
		/* Shares the lock and keeps it until the end. */
		lock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		stored = lock_and_judge(pool, locator, fd, result, error);
	} else if (error->kind == ERROR_NOT_FOUND) {
		*result = STORED_GONE;
	} else {
		*result = error->kind == ERROR_INVALID ? STORED_CORRUPT
						       : STORED_FAILED;
	}
	if (stored != NULL && !cut_journal(store, stored, error)) {
		*result = STORED_FAILED;
		stored = NULL;
	}
	carry_out(store, locator, result, error);
	if (lock >= 0)
		(void)flock(lock, LOCK_UN);
	io_close(&lock);
	return stored;
}

/* Marks alone become done records. What needs a journal needs a file; when that
 * cannot be had the marks are made all the same, they need no space. */
static bool
record_light(struct store *store, struct locator *locator,
    const struct store_report *report, bool *states_written,
    struct error *error)
{
	struct error failure;

	if (report->entry_count > 0 &&
	    segment_message_move_out(store, locator, error))
		return store_record(
		    store, locator, report, states_written, error);
	*states_written = segment_message_mark(store, locator, report->marks,
			      report->mark_count, &failure) &&
	    segment_table_flush(&store->segments, &failure);
	if (report->entry_count > 0)
		return false;
	if (!*states_written && error != NULL)
		*error = failure;
	return *states_written;
}

bool
store_record(struct store *store, struct locator *locator,
    const struct store_report *report, bool *states_written,
    struct error *error)
{
	bool recorded;
	int fd;

	*states_written = false;
	if (store_is_light(locator))
		return record_light(
		    store, locator, report, states_written, error);
	if (!spool_open_file(&store->spool, locator, O_RDWR, &fd, error))
		return false;
	recorded = own_report_write(fd, report, states_written, error) ||
	    error_prefix(error, "%s", locator->id.text);
	io_close(&fd);
	return recorded;
}

bool
store_sync(
    struct store *store, const struct locator *locator, struct error *error)
{
	bool synced;
	int fd;

	if (store_is_light(locator))
		return segment_table_sync(&store->segments, error);
	if (!spool_open_file(&store->spool, locator, O_RDWR, &fd, error))
		return false;
	synced =
	    spool_sync_file(&store->spool, fd, true, locator->id.text, error);
	io_close(&fd);
	return synced;
}

bool
store_defer(struct store *store, struct locator *locator, int64_t due,
    struct error *error)
{
	uint64_t seconds = due > 0 ? (uint64_t)due / CLOCK_SECOND : 0;

	return store_move_out(store, locator, error) &&
	    spool_move(&store->spool, locator, PLACE_DEFERRED,
		seconds / SPOOL_BUCKET_SECONDS, error);
}

bool
store_hold(struct store *store, struct locator *locator, struct error *error)
{
	return store_move_out(store, locator, error) &&
	    spool_move(&store->spool, locator, PLACE_HOLD, 0, error);
}

bool
store_release(struct store *store, struct locator *locator, struct error *error)
{
	if (store_is_light(locator))
		return store_move_out(store, locator, error);
	return spool_move(&store->spool, locator, PLACE_INCOMING, 0, error);
}

bool
store_set_aside(
    struct store *store, struct locator *locator, struct error *error)
{
	if (store_is_light(locator))
		return segment_message_set_aside(store, locator, error);
	return spool_move(&store->spool, locator, PLACE_CORRUPT, 0, error);
}

/* Of a segment that is gone nothing is left to be done. */
static bool
done_light(
    struct store *store, const struct locator *locator, struct error *error)
{
	struct error failure;

	if (segment_message_done(store, locator, &failure))
		return segment_table_flush(&store->segments, error);
	if (error != NULL)
		*error = failure;
	return failure.kind == ERROR_NOT_FOUND;
}

bool
store_done(
    struct store *store, const struct locator *locator, struct error *error)
{
	if (store_is_light(locator))
		return done_light(store, locator, error);
	return spool_remove(&store->spool, locator, error);
}

bool
store_is_dirty(struct store *store)
{
	return spool_is_dirty(&store->spool);
}

bool
store_sync_directories(struct store *store, struct error *error)
{
	return spool_sync_dirty(&store->spool, error);
}
