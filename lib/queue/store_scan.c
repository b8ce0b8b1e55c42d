/* SPDX-License-Identifier: MIT */
#include "lib/queue/store_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/memory.h"
#include "lib/queue/segment_scan.h"
#include "lib/queue/store_private.h"

struct store_scan {
	struct spool *spool;
	DIR *buckets; /* NULL for a flat queue */
	DIR *names;   /* of the flat queue or of at.bucket; NULL between two */
	struct locator at; /* place and bucket of `names` */
	uint64_t present;  /* the bucket of now, nothing later is listed ... */
	uint64_t horizon;  /* ... but what is behind this one */
	bool enters;       /* segments too */
	bool drop;         /* remove empty buckets before `present` */
	bool empty;        /* no name was met in at.bucket */
	struct store *store;
	void (*take_stranger)(void *owner, const char *queue, const char *name);
	void *owner;
	struct locator *light; /* from the segment that was met last */
	size_t light_count;
	size_t light_next;
};

static DIR *
open_list(int directory, const char *name, struct error *error)
{
	int fd = openat(
	    directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (list == NULL) {
		error_system(error, "list %s", name);
		io_close(&fd);
	}
	return list;
}

struct store_scan *
store_scan_open(struct store *store, enum store_scope scope, int64_t now,
    struct error *error)
{
	static const enum locator_place places[] = {
	    [STORE_INCOMING] = PLACE_INCOMING,
	    [STORE_INCOMING_FILES] = PLACE_INCOMING,
	    [STORE_DUE] = PLACE_DEFERRED,
	    [STORE_DEFERRED] = PLACE_DEFERRED,
	    [STORE_HOLD] = PLACE_HOLD,
	    [STORE_CORRUPT] = PLACE_CORRUPT,
	};
	struct store_scan *scan = memory_zero(sizeof *scan);
	DIR *list;

	scan->spool = &store->spool;
	scan->store = store;
	scan->at.place = places[scope];
	scan->enters = scope == STORE_INCOMING;
	scan->drop = scope == STORE_DUE;
	scan->horizon = UINT64_MAX;
	scan->present = scan->drop
	    ? (uint64_t)now / CLOCK_SECOND / SPOOL_BUCKET_SECONDS
	    : UINT64_MAX;
	list = open_list(store->spool.directory[scan->at.place], ".", error);
	if (list == NULL ||
	    (scan->enters && !segment_table_refresh(&store->segments, error))) {
		if (list != NULL)
			(void)closedir(list);
		free(scan);
		return NULL;
	}
	if (scan->at.place == PLACE_DEFERRED)
		scan->buckets = list;
	else
		scan->names = list;
	return scan;
}

void
store_scan_behind(struct store_scan *scan, int64_t time)
{
	scan->horizon = (uint64_t)time / CLOCK_SECOND / SPOOL_BUCKET_SECONDS;
}

void
store_scan_tell_strangers(struct store_scan *scan,
    void (*take)(void *owner, const char *queue, const char *name), void *owner)
{
	scan->take_stranger = take;
	scan->owner = owner;
}

void
store_scan_close(struct store_scan *scan)
{
	if (scan == NULL)
		return;
	if (scan->names != NULL)
		(void)closedir(scan->names);
	if (scan->buckets != NULL)
		(void)closedir(scan->buckets);
	free(scan->light);
	free(scan);
}

/* The next name but . and .., NULL at the end (errno 0) or on failure. */
static const char *
next_name(DIR *list)
{
	const struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(list);
	} while (entry != NULL && entry->d_name[0] == '.');
	return entry == NULL ? NULL : entry->d_name;
}

/* Segments and done records are no strangers in incoming. */
static void
tell_stranger(const struct store_scan *scan, const char *name)
{
	uint32_t segment;
	bool is_ours = scan->at.place == PLACE_INCOMING &&
	    (segment_name_parse(span_text(name), &segment) ||
		span_starts(span_text(name), SPAN("qmgr.done.")));

	if (scan->take_stranger != NULL && !is_ours)
		scan->take_stranger(
		    scan->owner, locator_queue(&scan->at), name);
}

bool
store_scan_next_bucket(struct store_scan *scan, uint64_t *bucket)
{
	const char *name;

	while ((name = next_name(scan->buckets)) != NULL)
		if (!spool_bucket_parse(span_text(name), bucket))
			tell_stranger(scan, name);
		else if (*bucket <= scan->present || *bucket > scan->horizon)
			return true;
	return false;
}

static void
end_of_names(struct store_scan *scan)
{
	(void)closedir(scan->names);
	scan->names = NULL;
	if (scan->drop && scan->empty &&
	    (scan->at.bucket < scan->present ||
		scan->at.bucket > scan->horizon))
		spool_drop_bucket(scan->spool, scan->at.bucket);
}

/* Opens the next bucket; *end when there is none. */
static bool
open_bucket(struct store_scan *scan, bool *end, struct error *error)
{
	char name[SPOOL_BUCKET_NAME_SIZE];

	*end = scan->buckets == NULL ||
	    !store_scan_next_bucket(scan, &scan->at.bucket);
	if (*end)
		return errno == 0 || error_system(error, "list deferred");
	spool_bucket_name(scan->at.bucket, name);
	scan->empty = true;
	scan->names =
	    open_list(scan->spool->directory[PLACE_DEFERRED], name, error);
	return scan->names != NULL || errno == ENOENT;
}

/* What is in the segment comes next. */
static bool
enter_segment(struct store_scan *scan, uint32_t segment, struct error *error)
{
	free(scan->light);
	scan->light_next = 0;
	return segment_scan_read(
	    scan->store, segment, &scan->light, &scan->light_count, error);
}

/* Takes the next name, which is counted if it is an id. */
static bool
take_name(struct store_scan *scan, struct locator *locators, size_t *count,
    struct error *error)
{
	const char *name = next_name(scan->names);
	uint32_t segment;

	if (name == NULL) {
		int saved_errno = errno;

		end_of_names(scan);
		errno = saved_errno;
		return errno == 0 ||
		    error_system(error, "list %s", locator_queue(&scan->at));
	}
	scan->empty = false;
	if (id_parse(span_text(name), &scan->at.id))
		locators[(*count)++] = scan->at;
	else if (scan->enters && segment_name_parse(span_text(name), &segment))
		return enter_segment(scan, segment, error);
	else
		tell_stranger(scan, name);
	return true;
}

bool
store_scan_next(struct store_scan *scan, struct locator *locators,
    size_t maximum, size_t *count, struct error *error)
{
	bool end = false;

	*count = 0;
	while (!end && *count < maximum) {
		errno = 0;
		if (scan->light_next < scan->light_count) {
			locators[(*count)++] = scan->light[scan->light_next++];
		} else if (scan->names == NULL) {
			if (!open_bucket(scan, &end, error))
				return false;
		} else if (!take_name(scan, locators, count, error)) {
			return false;
		}
	}
	return true;
}
